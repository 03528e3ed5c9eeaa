import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { formatConfigMistakes } from '../config/config-mistake.ts'
import type { Config } from '../config/config.ts'
import { loadConfig } from '../config/load-config.ts'
import type { Terminal } from './terminal.ts'

/** The configuration in `file`; `undefined` if there is anything wrong with it, and then all of it has been said. */
export async function readConfig(file: string, terminal: Terminal): Promise<Config | undefined> {
  const path = resolve(terminal.folder, file)
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === undefined) throw error
    terminal.err(`${file}: expected a configuration that can be read, found ${code}\n`)
    return undefined
  }
  const reader = { file: (secret: string) => readFile(secret, 'utf8'), environment: terminal.environment }
  const loaded = await loadConfig(text, path, reader)
  if (loaded.ok) return loaded.config
  const count = loaded.mistakes.length
  terminal.err(
    `${formatConfigMistakes(loaded.mistakes)}\n${count} ${count === 1 ? 'mistake' : 'mistakes'}; nothing was started\n`,
  )
  return undefined
}
