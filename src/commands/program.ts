import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { type ExecutionProvider, executionProviders } from '../domain/execution-provider.ts'
import { exitCodes, type ExitCode } from './exit-codes.ts'
import type { Terminal } from './terminal.ts'
import { version } from './version.ts'

interface CheckOptions {
  readonly model?: string
  readonly labels?: readonly string[]
  readonly providers: readonly ExecutionProvider[]
}

/** Parses the command line, runs the command that it names, and resolves with the exit code. */
export async function runProgram(argv: readonly string[], terminal: Terminal): Promise<ExitCode> {
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
    .action(async (file: string) => {
      const { runCommand } = await import('./run.ts')
      exitCode = await runCommand(file, terminal)
    })
  command('check')
    .description(
      'Checks a configuration, and tries for real every camera, model and server that it names; or one model.',
    )
    .argument('[config]', 'the configuration, a YAML file')
    .option('--model <file>', 'instead of a configuration: says what this ONNX model is, and how long a frame takes')
    .option('--labels <names>', 'with --model: the labels, separated by commas, where the model does not say', names)
    .addOption(
      new Option('--providers <names...>', 'with --model: where to run it, tried in this order')
        .choices(executionProviders)
        .default(['cpu']),
    )
    .action(async (file: string | undefined, { model, labels, providers }: CheckOptions, self: Command) => {
      if ((file === undefined) === (model === undefined)) {
        self.error('error: expected either a configuration or --model FILE', { exitCode: exitCodes.usage })
      }
      if (model !== undefined) {
        const { checkModelFile } = await import('./check-model-file.ts')
        exitCode = await checkModelFile(model, { labels, providers }, terminal)
      } else if (file !== undefined) {
        const { checkCommand } = await import('./check.ts')
        exitCode = await checkCommand(file, terminal)
      }
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
