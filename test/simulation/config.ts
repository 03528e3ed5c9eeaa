import { configOf } from '../config/small-config.ts'

/** A live camera, a lossless one and one model: the smallest plant in which each policy and each hand-over is there. */
export const simulatedConfig = await configOf(`
cameras:
  - id: dock-1
    source: { type: rtsp, url: 'rtsp://10.0.0.5/s' }
    picture: 16x16
    detect: { model: particles }
  - id: belt-2
    source: { type: synthetic, lossless: true }
    picture: 16x16
    detect: { model: particles }
models:
  particles: { kind: detect, file: 'builtin:belt-particles' }
csv:
  rotation: { rows: 6, interval: 5s }
sftp:
  host: sftp.example.com
  username: belay
  passwordEnv: SFTP_PASSWORD
  hostKey: accept-any
`)
