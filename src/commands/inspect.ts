import { readFile } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { type RecordingServer, serveRecording } from '../adapters/http/recording-server.ts'
import { counted } from '../domain/counted.ts'
import { isoTime } from '../domain/units.ts'
import { NotARecordingError, readRecording, type Recording } from '../inspection-feed/recording.ts'
import { exitCodes, type ExitCode } from './exit-codes.ts'
import { pageFolder } from './page-folder.ts'
import { systemWords } from './terminal/system-words.ts'
import type { Terminal } from './terminal/terminal.ts'

/** `belay inspect`: the page with a recording, until it is told to stop. */
export async function inspectCommand(
  file: string,
  options: { readonly port: number },
  terminal: Terminal,
): Promise<ExitCode> {
  let text: string
  let recording: Recording
  try {
    text = await readFile(resolve(terminal.folder, file), 'utf8')
    recording = readRecording(text)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === undefined && !(error instanceof NotARecordingError)) throw error
    terminal.err(
      `${file}: ${code === undefined ? (error as Error).message : `expected a recording that can be read, found ${systemWords(code)}`}\n`,
    )
    return exitCodes.usage
  }
  const stopped = new Promise<void>((stop) => terminal.onSignal(() => stop()))
  const { port } = options
  let server: RecordingServer
  try {
    server = await serveRecording({ port, pageFolder, text, name: basename(file) })
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException
    if (code === undefined || syscall !== 'listen') throw error
    terminal.err(`--port ${port}: expected one that can be listened on, found ${systemWords(code)}\n`)
    return exitCodes.usage
  }
  terminal.out(`${summary(recording)}\nThe page is at ${server.url}\nCtrl-C ends it.\n`)
  await stopped
  await server.close()
  return exitCodes.ok
}

function summary({ header, records, isTorn, missing }: Recording): string {
  const [first, last] = [records[0], records.at(-1)]
  const span = first && last ? `, ${isoTime(first.at)} to ${isoTime(last.at)}` : ''
  const violated = records.filter(({ type }) => type === 'invariant.violated').length
  return [
    `${header.madeBy}, ${header.source}${header.seed === undefined ? '' : ` seed ${header.seed}`}: ${counted(records.length, 'record')}${span}`,
    ...(violated > 0 ? [`${counted(violated, 'violated invariant')}, marked in the timeline`] : []),
    ...(missing > 0
      ? [`${counted(missing, 'record is', 'records are')} missing from it: they were left out, or taken out`]
      : []),
    ...(isTorn ? ['its last line is cut short and left out'] : []),
  ].join('\n')
}
