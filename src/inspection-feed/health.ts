import { byteCount } from '../domain/byte-count.ts'
import { counted } from '../domain/counted.ts'
import { durationWords } from '../domain/duration-words.ts'
import { sum } from '../domain/frame-account.ts'
import { setAside } from '../domain/file-state.ts'
import { minutes } from '../domain/units.ts'
import { isTroubled, tellingState } from '../domain/actor-states.ts'
import type { DaemonState } from './protocol.ts'

/** From where on figures are amiss: the same as in config/prometheus-alerts.yaml, which a test compares. */
export const healthLimits = {
  /** A file that has waited for so long. */
  uploadLag: minutes(60),
  /** Less room than `disk.warnBelow` is little, whatever becomes of it; less than this, where none is left within `roomAhead`. */
  roomToWatchBytes: 20e9,
  roomAhead: minutes(24 * 60),
  /** A camera that an operator has paused, and forgotten. */
  paused: minutes(8 * 60),
  /** Rows that were lost, from then on. */
  rowsLost: minutes(5),
  /** Fewer threads than are wanted: longer than it takes to load one in the place of another. */
  threadsShort: minutes(5),
} as const

/** What is amiss with a daemon, in words; nothing, if it is healthy. */
export function troublesOf(state: DaemonState): string[] {
  return [...partTroubles(state), ...configurationTroubles(state), ...troublesBesideStates(state)]
}

/** Those that no actor's state tells of, nor the refusal of a configuration. */
export function troublesBesideStates(state: DaemonState): string[] {
  return [
    ...forgottenPauses(state),
    ...threadTroubles(state),
    ...missingThreads(state),
    ...frameTroubles(state),
    ...rowTroubles(state),
    ...roomTroubles(state),
    ...fileTroubles(state),
  ]
}

function partTroubles({ phase, actors }: DaemonState): string[] {
  return [
    ...(phase === 'running' ? [] : [`the daemon is ${phase}`]),
    ...actors
      .filter((actor) => isTroubled(tellingState(actor)))
      .map(({ path, state, why }) => `${path} is ${state}${why === null ? '' : `: ${why}`}`),
  ]
}

const forgottenPauses = ({ actors, at }: DaemonState): string[] =>
  actors
    .filter(({ state, since }) => state === 'paused' && at - since >= healthLimits.paused)
    .map(({ path, since }) => `${path} has been paused for ${durationWords(at - since)}`)

function configurationTroubles({ at, configuration: { refused } }: DaemonState): string[] {
  if (refused === null) return []
  return [
    `the configuration was refused ${durationWords(at - refused.at)} ago, and the one before it still holds: ${refused.why}`,
  ]
}

/** What a reload could not apply, in words; no trouble, for somebody wanted it so. */
export const waitsForNextStart = ({ configuration: { atNextStart } }: Pick<DaemonState, 'configuration'>): string[] =>
  atNextStart.length === 0 ? [] : [`configuration: ${atNextStart.join(', ')} in the file, from the next start on`]

function threadTroubles({ inference: { workers } }: DaemonState): string[] {
  if (workers.wedged === 0) return []
  return [
    `${workers.wedged} of ${counted(workers.wanted, 'inference thread')} ${workers.wedged === 1 ? 'hangs' : 'hang'}`,
  ]
}

/** None is missing before the start is over, nor once the stop has begun. */
function missingThreads({ phase, actors, inference: { path, workers } }: DaemonState): string[] {
  if (!workers.isShort || phase !== 'running') return []
  const why = actors.find((actor) => actor.path === path)?.why ?? null
  const missing = workers.wanted - workers.running
  return [
    `${missing} of ${counted(workers.wanted, 'inference thread')} ${missing === 1 ? 'has' : 'have'} been missing for ${durationWords(healthLimits.threadsShort)}${why === null ? '' : `: ${why}`}`,
  ]
}

/** A camera that sends, and of which no frame was ever inspected, or none is any more: its model doesn't fit what it is for. */
function frameTroubles({ cameras }: DaemonState): string[] {
  return cameras.flatMap(({ path, failing, frames: { inspected, failed } }) => {
    const failures = failed.timeout + failed['inference-error'] + failed['worker-died']
    if (inspected === 0 && failures > 0)
      return [`no frame of ${path} has been inspected, and ${failures} failed: the log says why`]
    return failing ? [`frames of ${path} fail, and none has been inspected for a minute: the log says why`] : []
  })
}

function rowTroubles({ cameras }: DaemonState): string[] {
  return cameras.flatMap(({ path, losingRows, rows: { refused, failed } }) =>
    losingRows
      ? [
          `rows of ${path} were lost in the last ${durationWords(healthLimits.rowsLost)}, ${sum(refused) + failed} since the start: the log says why`,
        ]
      : [],
  )
}

function roomTroubles({ writer: { disk } }: DaemonState): string[] {
  const { level, freeBytes, fullInMs } = disk
  const { roomToWatchBytes, roomAhead } = healthLimits
  if (freeBytes === null) return []
  const fillsUp = freeBytes < roomToWatchBytes && fullInMs !== null && fullInMs < roomAhead
  if (level === 'enough' && !fillsUp) return []
  return [`the disk has ${roomWords(freeBytes, fullInMs)}`]
}

/** What is free, and when there is less than `disk.pauseBelow`. */
export const roomWords = (freeBytes: number, fullInMs: number | null): string =>
  `${byteCount(freeBytes)} free${fullInMs === null ? '' : `, and in ${durationWords(fullInMs)} rows wait for room if it goes on like this`}`

function fileTroubles({ at, uploader: { files, oldestUndelivered } }: DaemonState): string[] {
  const lag = oldestUndelivered === null ? 0 : at - oldestUndelivered
  return [
    ...(lag > healthLimits.uploadLag ? [`a file has waited ${durationWords(lag)} for its delivery`] : []),
    ...setAside
      .filter((state) => files[state] > 0)
      .map((state) => `${counted(files[state], 'file is', 'files are')} set aside: ${state}`),
  ]
}
