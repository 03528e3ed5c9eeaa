import { counted } from '../../domain/counted.ts'
import { sumOf, underway } from '../../domain/file-state.ts'
import { milliseconds } from '../../domain/units.ts'
import type { DaemonPhase, DaemonState } from '../../inspection-feed/protocol.ts'
import type { Clock } from '../../ports/clock.ts'
import type { ServiceManager } from '../../ports/service-manager.ts'
import type { Awaited } from '../../inspection-feed/readiness.ts'
import { troublesOf } from '../../inspection-feed/health.ts'

export interface ServiceReport {
  readonly onPhase: (phase: DaemonPhase) => void
  /** With each beat of the daemon's heart: when it stands still, so does the watchdog's food. */
  readonly onBeat: () => void
  /** Says before and after that the configuration is read again. */
  readonly whileReloading: (reload: () => Promise<unknown>) => Promise<void>
}

/** Keeps the service manager told: that the daemon is ready, stops, lives, and how it is. */
export function reportToService(
  manager: ServiceManager,
  clock: Clock,
  state: () => DaemonState,
  /** What the start waits for. */
  awaited: () => Awaited | undefined,
): ServiceReport {
  const every = manager.watchdog === undefined ? undefined : milliseconds(manager.watchdog / 3)
  let fedAt = -Infinity
  let said: string | undefined

  return {
    onPhase(phase) {
      if (phase === 'running') manager.tell(['READY=1', (said = statusOf(state(), awaited))])
      if (phase === 'draining') manager.tell(['STOPPING=1', (said = 'STATUS=draining')])
    },
    onBeat() {
      const words: string[] = []
      const status = statusOf(state(), awaited)
      if (status !== said) words.push((said = status))
      // Twice more often than it has to be: one that is lost does not end us.
      if (every !== undefined && clock.monotonic() - fedAt >= every) {
        words.push('WATCHDOG=1')
        fedAt = clock.monotonic()
      }
      if (words.length > 0) manager.tell(words)
    },
    async whileReloading(reload) {
      // During the start and the stop it isn't ready before and must not seem so afterwards.
      if (state().phase === 'running') manager.tell(['RELOADING=1'])
      await reload()
      if (state().phase === 'running') manager.tell(['READY=1'])
    },
  }
}

/** One line for `systemctl status`: what the start waits for; then what is there, and the first thing that is amiss. */
function statusOf(state: DaemonState, awaited: () => Awaited | undefined): string {
  const { phase, cameras, actors, uploader } = state
  if (phase === 'starting') return oneLine(`STATUS=starting${waitWords(awaited())}`)
  if (phase !== 'running') return `STATUS=${phase}`
  const streaming = new Set(actors.filter((actor) => actor.state === 'streaming').map(({ path }) => path))
  const [first, ...others] = troublesOf(state)
  const trouble = first === undefined ? '' : `; ${first}${others.length === 0 ? '' : ` (and ${others.length} more)`}`
  const up = cameras.filter(({ path }) => streaming.has(path)).length
  return oneLine(
    `STATUS=${up} of ${counted(cameras.length, 'camera')} streaming, ${counted(sumOf(uploader.files, underway), 'file')} waiting${trouble}`,
  )
}

const waitWords = (awaited: Awaited | undefined): string =>
  awaited === undefined
    ? ''
    : `: ${awaited.waitingFor} is ${awaited.state}${awaited.why === null ? '' : ` (${awaited.why})`}`

/** Whatever a camera, a disk or a server has said. */
const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ')
