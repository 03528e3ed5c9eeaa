import { beltClip } from './builtin-files.ts'
import type { Config } from './config.ts'
import { configSchema } from './schema.ts'
import { toConfig } from './to-config.ts'

export interface DemoPlace {
  /** Absolute. */
  readonly dataFolder: string
  readonly httpPort: number
  readonly sftp: {
    readonly host: string
    readonly port: number
    readonly username: string
    /** The private key's text. */
    readonly privateKey: string
    /** As OpenSSH prints it: `SHA256:…`. */
    readonly hostKeyFingerprint: string
  }
  /** Whether ffmpeg is here to play the recorded belt. */
  readonly withClip: boolean
}

/** The configuration of `belay demo`: all defaults but what shows something within seconds. */
export function demoConfig({ dataFolder, httpPort, sftp, withClip }: DemoPlace): Config {
  const models = { detect: { model: 'particles' }, classify: { model: 'belt-state' } }
  const synthetic = { id: 'belt-1', source: { type: 'synthetic', seed: 7, rate: 15 }, picture: '640x640', ...models }
  const recorded = { id: 'belt-2', source: { type: 'file', path: beltClip, loop: true }, ...models }
  const document = configSchema.parse({
    data: dataFolder,
    cameras: withClip ? [synthetic, recorded] : [synthetic],
    models: {
      particles: { kind: 'detect', file: 'builtin:belt-particles' },
      'belt-state': { kind: 'classify', file: 'builtin:belt-state' },
    },
    csv: { rotation: { interval: '1500ms' } },
    sftp: {
      host: sftp.host,
      port: sftp.port,
      username: sftp.username,
      hostKey: { fingerprint: sftp.hostKeyFingerprint },
    },
    http: { port: httpPort },
  })
  return toConfig(document, 'demo.yaml', new Map([['sftp.privateKeyFile', sftp.privateKey]]))
}
