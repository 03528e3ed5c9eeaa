import { writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { exitCodes, type ExitCode } from './exit-codes.ts'
import { configAndSecretsNamed } from './read-config.ts'
import { environmentFile, serviceUnit } from './service/service-unit.ts'
import { systemWords } from './terminal/system-words.ts'
import type { Terminal } from './terminal/terminal.ts'

export interface ServiceOptions {
  /** Under whom it runs. */
  readonly user: string
  /** Where systemd looks for units. */
  readonly unitFolder: string
}

const main = fileURLToPath(new URL('../main.js', import.meta.url))

/** `belay service print`, `belay service install`: the systemd unit for a configuration, on standard output or in its place. */
export async function serviceCommand(
  verb: 'print' | 'install',
  file: string,
  { user, unitFolder }: ServiceOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const named = await configAndSecretsNamed(file, terminal)
  if (named === undefined) return exitCodes.config
  const { config, secrets } = named
  const configFile = resolve(terminal.folder, file)
  const unit = serviceUnit({ config, secrets, node: process.execPath, main, configFile, user })
  if (verb === 'print') {
    terminal.out(unit)
    return exitCodes.ok
  }
  const path = join(unitFolder, 'belay.service')
  try {
    await writeFile(path, unit, { mode: 0o644 })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === undefined) throw error
    const advice = code === 'ENOENT' ? 'name systemd’s folder by --unit-folder' : 'run it as root'
    terminal.err(
      `${path}: expected a file that can be written, found ${systemWords(code)}; ${advice}, or: belay service print ${file}\n`,
    )
    return exitCodes.denied
  }
  const check = `runuser -u ${user} -- ${[process.execPath, main].map(shellWord).join(' ')} check ${shellWord(configFile)}`
  const environment = shellWord(environmentFile(configFile))
  const folder = shellWord(config.dataFolder)
  // They are typed again at each upgrade: what is there is kept, and what runs is replaced.
  const steps = [
    `id ${user} || useradd --system --no-create-home ${user}`,
    // What is in it may be root's, of a run by hand. The user's group may have another name.
    `install -d -m 750 ${folder} && chown -RH ${user}: ${folder}`,
    ...(secrets.variables.length === 0
      ? [check]
      : [
          `[ -e ${environment} ] || install -m 600 /dev/null ${environment} # and into it, a line each: ${secrets.variables.map((name) => `${name}='…'`).join(' ')}`,
          `(set -a && . ${environment} && ${check})`,
        ]),
    'systemctl daemon-reload && systemctl enable belay && systemctl restart belay',
  ]
  terminal.out(`${path} is written. What is left, as root:\n\n${steps.map((step) => `  ${step}\n`).join('')}`)
  return exitCodes.ok
}

/** As a shell reads it as one word. */
const shellWord = (text: string): string =>
  /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`
