import type { Config } from '../../src/config/config.ts'
import { configOf } from '../config/small-config.ts'

const live = (id: string, settings = '') => `
  - id: ${id}
    source: { type: rtsp, url: 'rtsp://10.0.0.5/${id}' }
    picture: 16x16
    detect: { model: particles }${settings}`

const lossless = `
  - id: belt-2
    source: { type: synthetic, lossless: true }
    picture: 16x16
    detect: { model: particles }`

const configWith = (...cameras: readonly string[]): Promise<Config> =>
  configOf(`
cameras:${cameras.join('')}
models:
  particles: { kind: detect, file: 'builtin:belt-particles' }
csv:
  rotation: { rows: 6, interval: 5s }
disk: { warnBelow: 0B, pauseBelow: 0B, reserve: 200B }
backups: { keep: 1 }
sftp:
  host: sftp.example.com
  username: belay
  passwordEnv: SFTP_PASSWORD
  hostKey: accept-any
`)

/** A live camera, a lossless one and one model: the smallest plant in which each policy and each hand-over is there. */
export const simulatedConfig = await configWith(live('dock-1'), lossless)

/** What the file may hold when it is read again: the same, a camera less, one changed, one more. */
export const reloadedConfigs: readonly Config[] = [
  simulatedConfig,
  await configWith(lossless),
  await configWith(live('dock-1', '\n    stallAfter: 9s'), lossless),
  await configWith(live('dock-1'), lossless, live('dock-3')),
]
