import { formatConfigMistakes } from '../../src/config/config-mistake.ts'
import type { Config } from '../../src/config/config.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import type { SecretReader } from '../../src/config/read-secrets.ts'

/** The shortest configuration that is right. */
export const smallConfig = `cameras:
  - id: dock-1
    source: { type: rtsp, url: 'rtsp://10.0.0.5/s' }
    detect: { model: particles }
models:
  particles: { kind: detect, file: 'builtin:belt-particles' }
sftp:
  host: sftp.example.com
  username: belay
  passwordEnv: SFTP_PASSWORD
  hostKey: accept-any
`

/** The small configuration with one piece of its text replaced. */
export function smallConfigWith(piece: string, replacement: string): string {
  if (!smallConfig.includes(piece)) throw new Error(`"${piece}" is not in the small configuration`)
  return smallConfig.replace(piece, () => replacement)
}

/** Files and variables that are there; any other file is missing. */
export const secretsOf = (
  files: Readonly<Record<string, string>> = {},
  environment: Readonly<Record<string, string>> = { SFTP_PASSWORD: 'hunter2' },
): SecretReader => ({
  async file(path) {
    const content = files[path]
    if (content === undefined) throw Object.assign(new Error(`ENOENT: ${path}`), { code: 'ENOENT' })
    return content
  },
  environment,
})

export async function configOf(text: string, reader = secretsOf()): Promise<Config> {
  const loaded = await loadConfig(text, '/etc/belay/belay.yaml', reader)
  if (!loaded.ok) throw new Error(formatConfigMistakes(loaded.mistakes))
  return loaded.config
}

/** The mistakes as they are printed, one a line. */
export async function mistakesIn(text: string, reader = secretsOf()): Promise<string[]> {
  const loaded = await loadConfig(text, 'belay.yaml', reader)
  return loaded.ok ? [] : formatConfigMistakes(loaded.mistakes).split('\n')
}
