import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { formatConfigMistakes } from '../config/config-mistake.ts'
import type { Config } from '../config/config.ts'
import { decodeText, NotUtf8Error } from '../config/decode-text.ts'
import { loadConfig } from '../config/load-config.ts'
import type { SecretReader } from '../config/read-secrets.ts'
import { counted } from '../domain/counted.ts'
import type { ReadConfig } from '../slots/reload.ts'
import { systemWords } from './terminal/system-words.ts'
import type { Terminal } from './terminal/terminal.ts'

/** The configuration in `file`, with the secrets that it names, as they are now. */
export const readConfig = (file: string, terminal: Terminal): Promise<ReadConfig> =>
  read(file, terminal, {
    file: async (secret) => decodeText(await readFile(secret)),
    environment: terminal.environment,
  })

async function read(file: string, terminal: Terminal, reader: SecretReader): Promise<ReadConfig> {
  const path = resolve(terminal.folder, file)
  let text: string
  try {
    text = decodeText(await readFile(path))
  } catch (error) {
    if (error instanceof NotUtf8Error)
      return { ok: false, mistakes: [`${file}: expected a configuration in UTF-8, found bytes that are none`] }
    const { code } = error as NodeJS.ErrnoException
    if (code === undefined) throw error
    return { ok: false, mistakes: [`${file}: expected a configuration that can be read, found ${systemWords(code)}`] }
  }
  const loaded = await loadConfig(text, path, reader)
  return loaded.ok ? loaded : { ok: false, mistakes: formatConfigMistakes(loaded.mistakes).split('\n') }
}

/** The same to start with; `undefined` if there is anything wrong with it, and then all of it has been said. */
export const configToStart = async (file: string, terminal: Terminal): Promise<Config | undefined> =>
  orSay(await readConfig(file, terminal), terminal)

/** The same for somebody who may not read its secrets and needs none: each is a word of no meaning. */
export const configWithoutSecrets = async (file: string, terminal: Terminal): Promise<Config | undefined> =>
  (await configAndSecretsNamed(file, terminal))?.config

/** Where a configuration has its secrets from. */
export interface SecretsNamed {
  /** Absolute paths. */
  readonly files: readonly string[]
  /** Of the environment. */
  readonly variables: readonly string[]
}

/** The same, and where its secrets are: of those nothing is read. */
export async function configAndSecretsNamed(
  file: string,
  terminal: Terminal,
): Promise<{ config: Config; secrets: SecretsNamed } | undefined> {
  const files: string[] = []
  const variables: string[] = []
  const named = (list: string[], name: string): string => {
    if (!list.includes(name)) list.push(name)
    return 'unread'
  }
  const environment = new Proxy<Record<string, string>>({}, { get: (_, name) => named(variables, String(name)) })
  const reader: SecretReader = { file: async (path) => named(files, path), environment }
  const config = orSay(await read(file, terminal, reader), terminal)
  return config && { config, secrets: { files, variables } }
}

function orSay(read: ReadConfig, terminal: Terminal): Config | undefined {
  if (read.ok) return read.config
  terminal.err(`${read.mistakes.join('\n')}\n${counted(read.mistakes.length, 'mistake')}; nothing was started\n`)
  return undefined
}
