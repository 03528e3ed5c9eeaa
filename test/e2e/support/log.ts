import type { CameraView, UploaderView } from '../../../src/inspection-feed/protocol.ts'
import type { LogLine } from './daemon.ts'

const lastAccount = (log: readonly LogLine[], path: string): LogLine => {
  const line = log.findLast(({ fact, actor }) => fact === 'account' && actor === path)
  if (line === undefined) throw new Error(`No account of ${path} in the log`)
  return line
}

/** What the daemon said at its end of one camera. */
export const accountOf = (log: readonly LogLine[], path: string): Pick<CameraView, 'frames' | 'rows'> =>
  lastAccount(log, path) as unknown as Pick<CameraView, 'frames' | 'rows'>

/** What the daemon said at its end of the manifest's files. */
export const fileAccountOf = (log: readonly LogLine[]): Pick<UploaderView, 'files' | 'rows'> =>
  lastAccount(log, 'root/uploader') as unknown as Pick<UploaderView, 'files' | 'rows'>

/** The states that a machine went through, each with its reason. */
export const statesOf = (log: readonly LogLine[], path: string): { state: string; why: string }[] =>
  log
    .filter(({ fact, actor }) => fact === 'state' && actor === path)
    .map((line) => ({ state: String(line['state']), why: String(line['why']) }))
