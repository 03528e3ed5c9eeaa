import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { systemClock } from '../adapters/system-clock.ts'
import { type ExecutionProvider, executionProviders } from '../domain/execution-provider.ts'
import type { PictureSize } from '../domain/frame.ts'
import { type FileState, fileStates, setAside } from '../domain/file-state.ts'
import { type CameraId, isCameraId } from '../domain/ids.ts'
import { type ScoreScale, scoreScales } from '../domain/score-scale.ts'
import { ageOf } from '../domain/age.ts'
import type { Milliseconds } from '../domain/units.ts'
import { type YoloLayout, yoloLayouts } from '../domain/yolo-layout.ts'
import { exitCodes, type ExitCode } from './exit-codes.ts'
import type { FilesOptions } from './files.ts'
import type { ServiceOptions } from './service.ts'
import type { StatusOptions } from './status.ts'
import type { VerifyOptions } from './verify.ts'
import { printableOnly } from './terminal/printable.ts'
import type { Terminal } from './terminal/terminal.ts'
import { version } from './version.ts'

interface CheckOptions {
  readonly model?: string
  readonly labels?: readonly string[]
  readonly input?: PictureSize
  readonly layout: YoloLayout | 'auto'
  readonly scores: ScoreScale | 'auto'
  readonly providers: readonly ExecutionProvider[]
  readonly dictionary?: string
  readonly detector?: string
  readonly json?: boolean
}

/** Parses the command line, runs the command that it names, and resolves with the exit code. */
export async function runProgram(argv: readonly string[], given: Terminal): Promise<ExitCode> {
  const terminal = printableOnly(given)
  let exitCode: ExitCode = exitCodes.ok
  const program = new Command('belay')
    .description('Cameras in, ONNX inference, CSV files, delivered by SFTP, under one supervised root.')
    .configureOutput({ writeOut: (text) => terminal.out(text), writeErr: (text) => terminal.err(text) })
    .exitOverride()
    .version(version)
  const command = (name: string) => program.command(name).version(version)

  command('run')
    .description(
      'Runs the daemon until SIGTERM or SIGINT; a second one cuts the drain short. SIGHUP applies what has changed of the cameras.',
    )
    .argument('<config>', 'the configuration, a YAML file')
    .option(
      '--record <folder>',
      'record all that happens between the parts: files of 16 MB, beyond 256 MB the oldest go',
    )
    .action(async (file: string, options: { record?: string }) => {
      const { runCommand } = await import('./run.ts')
      exitCode = await runCommand(file, options, terminal)
    })
  command('inspect')
    .description('Shows a recording, or a trace of the simulation, in the page.')
    .argument('<file>', 'a file of belay run --record, or one saved in the page')
    .option('--port <n>', 'the port of the page; the next free one if it is taken', port, 5000)
    .action(async (file: string, options: { port: number }) => {
      const { inspectCommand } = await import('./inspect.ts')
      exitCode = await inspectCommand(file, options, terminal)
    })
  command('check')
    .description(
      'Checks a configuration, and tries for real every camera, model and server that it names; or one model.',
    )
    .argument('[config]', 'the configuration, a YAML file')
    .option('--model <file>', 'instead of a configuration: says what this ONNX model is, and how long a frame takes')
    .option('--labels <names>', 'with --model: the labels, separated by commas, where the model does not say', names)
    .option('--input <size>', 'with --model: the size of its pictures, such as 640x384, where it takes any', size)
    .addOption(
      new Option('--layout <layout>', 'with --model: of a detector’s output, where it could be more than one')
        .choices(['auto', ...yoloLayouts])
        .default('auto'),
    )
    .addOption(
      new Option('--scores <scale>', 'with --model: what a classifier’s numbers are, where they could be either')
        .choices(['auto', ...scoreScales])
        .default('auto'),
    )
    .option('--dictionary <file>', 'with --model: the characters of a model that reads, one a line')
    .option('--detector <file>', 'with --model: what finds the lines for it')
    .addOption(
      new Option('--providers <names...>', 'with --model: where to run it, tried in this order')
        .choices(executionProviders)
        .default(['cpu']),
    )
    .addOption(new Option('--json', 'for programs: the parts, and what came of each').conflicts('model'))
    .action(async (file: string | undefined, { model, json, ...options }: CheckOptions, self: Command) => {
      if ((file === undefined) === (model === undefined)) {
        self.error('error: expected either a configuration or --model FILE', { exitCode: exitCodes.usage })
      }
      if (model !== undefined) {
        const { checkModelFile } = await import('./check/check-model-file.ts')
        exitCode = await checkModelFile(model, options, terminal)
      } else if (file !== undefined) {
        const idle = Object.keys(options).find((name) => self.getOptionValueSource(name) === 'cli')
        if (idle !== undefined) self.error(`error: option '--${idle}' says something of --model, and there is none`)
        const { checkCommand } = await import('./check.ts')
        exitCode = await checkCommand(file, terminal, json)
      }
    })
  command('files')
    .description('Lists the files of the manifest, the oldest first, beside a daemon that may be running.')
    .argument('<config>', 'the configuration, a YAML file')
    .option('--state <states>', `only those in these states: ${fileStates.join(', ')}`, statesOf(fileStates))
    .option('--camera <id>', 'only those of this camera', camera)
    .option('--older-than <age>', 'only those sealed so long ago, such as 90m, 36h or 7d', age)
    .option('--newest', 'the newest first')
    .option('--limit <n>', 'so many lines at most', count, 100)
    .option('--json', 'for programs: as GET /api/files answers')
    .action(
      async (file: string, options: Omit<FilesOptions, 'newestFirst'> & { state?: FileState[]; newest?: boolean }) => {
        const { filesCommand } = await import('./files.ts')
        const { state, newest = false, ...others } = options
        const question = { ...others, newestFirst: newest, ...(state && { states: state }) }
        exitCode = await filesCommand(file, question, terminal, systemClock)
      },
    )
  command('retry')
    .description(
      'Sends files again that were set aside or wait, and by number also delivered or lost ones; a daemon that runs finds them at its next probe.',
    )
    .argument('<config>', 'the configuration, a YAML file')
    .argument('[ids...]', 'their numbers, as belay files lists them', fileIds)
    .option('--state <states>', `all that are in these states, of ${resendable.join(', ')}`, statesOf(resendable))
    .action(async (file: string, ids: readonly number[], { state }: { state?: FileState[] }) => {
      if (ids.length === 0 && state === undefined) program.error('error: expected ids, or --state')
      const { retryCommand } = await import('./retry.ts')
      exitCode = await retryCommand(file, { ids, states: state ?? [] }, terminal, systemClock)
    })
  command('give-up')
    .description(
      'Records refused files as lost whose content is nowhere to be had, so that nobody is asked to act on them.',
    )
    .argument('<config>', 'the configuration, a YAML file')
    .argument('<ids...>', 'their numbers, as belay files lists them', fileIds)
    .action(async (file: string, ids: readonly number[]) => {
      const { giveUpCommand } = await import('./give-up.ts')
      exitCode = await giveUpCommand(file, ids, terminal, systemClock)
    })
  command('verify')
    .description('Compares the data folder of a daemon that does not run with its manifest.')
    .argument('<config>', 'the configuration, a YAML file')
    .option('--remote', 'compare with the SFTP server too')
    .option('--repair', 'mend what is safe to mend')
    .option('--json', 'for programs: what was found')
    .action(async (file: string, options: Partial<VerifyOptions>) => {
      const { verifyCommand } = await import('./verify.ts')
      exitCode = await verifyCommand(file, { remote: false, repair: false, ...options }, terminal, systemClock)
    })
  command('demo')
    .description(
      'Runs the daemon on an embedded configuration: a drawn belt, the bundled models, an SFTP server of its own.',
    )
    .option('--seconds <n>', 'drain and end after so many seconds', positive)
    .option('--folder <path>', 'where the demo keeps its files (default: belay-demo/TIME)')
    .option('--port <n>', 'the port of the page; the next free one if it is taken', port, 5000)
    .action(async (options: { seconds?: number; folder?: string; port: number }) => {
      const { demoCommand } = await import('./demo.ts')
      exitCode = await demoCommand(options, terminal)
    })
  command('status')
    .description('Shows what a running daemon says of itself; the exit code tells whether all is well.')
    .argument('[config]', 'the configuration that it runs on, for its address')
    .option('--url <url>', 'its address, in place of a configuration', address)
    .option('--token-file <file>', 'the token that it asks for (or in BELAY_TOKEN)')
    .addOption(new Option('--watch', 'again every second, until Ctrl-C').conflicts('json'))
    .option('--json', 'for programs: GET /api/state, and what is amiss')
    .action(async (file: string | undefined, options: StatusOptions) => {
      const { statusCommand } = await import('./status.ts')
      exitCode = await statusCommand(file, options, terminal)
    })
  const service = command('service').description('The systemd unit that runs the daemon, made for a configuration.')
  for (const verb of ['print', 'install'] as const)
    service
      .command(verb)
      .description(verb === 'print' ? 'Prints the unit.' : 'Writes the unit to its place, as root.')
      .argument('<config>', 'the configuration that it is to run on')
      .option('--user <name>', 'under whom it runs', user, 'belay')
      .option('--unit-folder <path>', 'where systemd looks for units', '/etc/systemd/system')
      .action(async (file: string, options: ServiceOptions) => {
        const { serviceCommand } = await import('./service.ts')
        exitCode = await serviceCommand(verb, file, options, terminal)
      })
  command('token')
    .description('Makes a token for the page, /metrics and commands, and the hash of it for the configuration.')
    .action(async () => {
      const { tokenCommand } = await import('./token.ts')
      exitCode = await tokenCommand(terminal)
    })

  try {
    await program.parseAsync(argv)
  } catch (error) {
    // Commander has said what is wrong; `--help` and `--version` end here too, with 0.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage
    throw error
  }
  return exitCode
}

const names = (text: string): string[] => text.split(',').map((name) => name.trim())

function size(text: string): PictureSize {
  const [, width, height] = /^(\d{1,4})x(\d{1,4})$/.exec(text)?.map(Number) ?? []
  if (width === undefined || height === undefined) throw new InvalidArgumentError('Expected a size such as 640x384.')
  return { width, height }
}

function positive(text: string): number {
  const value = Number(text)
  if (!Number.isFinite(value) || value <= 0) throw new InvalidArgumentError('Expected a number above 0.')
  return value
}

function port(text: string): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 0 || value > 65_535) throw new InvalidArgumentError('Expected 0 to 65535.')
  return value
}

/** As systemd takes it: a name or a number. */
function user(text: string): string {
  if (!/^([A-Za-z_][\w-]{0,30}|\d{1,10})$/.test(text)) throw new InvalidArgumentError('Expected a user such as belay.')
  return text
}

function address(text: string): string {
  if (!/^https?:\/\//.test(text) || !URL.canParse(text)) {
    throw new InvalidArgumentError('Expected an address such as http://127.0.0.1:5000.')
  }
  return text
}

/** Those whose files are all sent again at once; of what has arrived or is lost, each has to be named. */
const resendable = ['pending', ...setAside] as const

const statesOf =
  (known: readonly FileState[]) =>
  (text: string): FileState[] =>
    text.split(',').map((word) => {
      const state = known.find((each) => each === word)
      if (state === undefined) throw new InvalidArgumentError(`Expected ${known.join(', ')}, with commas between.`)
      return state
    })

function camera(text: string): CameraId {
  if (!isCameraId(text)) throw new InvalidArgumentError('Expected the id of a camera, such as dock-1.')
  return text
}

function age(text: string): Milliseconds {
  const found = ageOf(text)
  if (found === undefined) throw new InvalidArgumentError('Expected a duration such as 90m, 36h or 7d.')
  return found
}

function count(text: string): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1 || value > 1e6) throw new InvalidArgumentError('Expected 1 to 1000000.')
  return value
}

function fileIds(text: string, before: readonly number[] = []): readonly number[] {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('Expected the number of a file.')
  return [...before, value]
}
