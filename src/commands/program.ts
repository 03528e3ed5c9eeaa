import { Command, CommanderError, InvalidArgumentError } from 'commander'
import { exitCodes, type ExitCode } from './exit-codes.ts'
import type { Terminal } from './terminal.ts'
import { version } from './version.ts'

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
    .option('--record <folder>', 'record all that happens between the parts: 16 files of 16 MB, the oldest go')
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
    .description('Checks a configuration, and tries for real every camera, model and server that it names.')
    .argument('<config>', 'the configuration, a YAML file')
    .action(async (file: string) => {
      const { checkCommand } = await import('./check.ts')
      exitCode = await checkCommand(file, terminal)
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
