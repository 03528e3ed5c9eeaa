import { seconds } from '../../src/domain/units.ts'
import { askOperator } from './ask-operator.ts'
import { actorsOf } from './condition.ts'
import type { Plant } from './config.ts'
import type { Lives } from './lives.ts'
import { isFinalName } from './shown.ts'
import type { Estate } from './simulated-process.ts'
import type { Tape } from './tape.ts'

/** What happens beside the answers to calls. A tape names one by its place here: others are added at the end. */
export const happenings = [
  'link',
  'refusal',
  'half stored',
  'late request',
  'late answer',
  'actor killed',
  'actor crashed',
  'consumer',
  'clock step',
  'overslept',
  'disk full',
  'reload',
  'stop',
  'process killed',
  'power cut',
  'server power cut',
  'operator',
  'stranger',
  'file refused',
  'models hang',
] as const
export type Happening = (typeof happenings)[number]

export interface Scene {
  readonly plant: Plant
  readonly tape: Tape
  readonly estate: Estate
  readonly lives: Lives
}

/** Something happens to the plant, the world around it, or its process. */
export async function happen(happening: Happening, { plant, tape, estate, lives }: Scene): Promise<void> {
  const { process } = lives
  const { clock, server, calls } = process
  const { site, disk } = estate
  lives.note({ what: happening })
  switch (happening) {
    case 'link':
      site.isUp = !site.isUp
      if (!site.isUp) server.cut('the link went down')
      return
    case 'refusal':
      site.refuses = !site.refuses
      if (site.refuses) server.cut('the server was restarted')
      return
    case 'half stored':
      site.storesHalf = !site.storesHalf
      return
    case 'late request':
      void site.late
        .shift()?.()
        .catch(() => undefined)
      return
    case 'late answer': {
      const call = calls.hanging[tape.choose(calls.hanging.length, { eager: 0.5 })]
      if (call === undefined) return
      lives.note({ what: call.name, about: call.detail, outcome: 'goes on' })
      return calls.release(call)
    }
    case 'actor killed':
    case 'actor crashed': {
      const all = [...actorsOf(process), 'root/cameras']
      // When all has ended but one, that one it is.
      const running = all.filter((path) => process.states.has(path))
      const paths = running.length === 1 ? running : all
      const path = paths[tape.choose(paths.length, { eager: 0.9 })] as string
      lives.note({ path, what: happening.slice('actor '.length) })
      if (happening === 'actor killed') process.kill(path)
      else process.crash(path)
      return
    }
    case 'consumer':
      return consume({ tape, estate, lives })
    case 'clock step':
      return clock.step([3_600_000, -3_600_000, -86_400_000][tape.choose(3, { eager: 0.6 })] ?? 0)
    case 'overslept':
      return process.oversleep(seconds(5))
    case 'disk full':
      disk.capacity = disk.capacity === Infinity ? disk.used : Infinity
      return
    case 'reload': {
      const { config, reloaded } = plant
      const next = reloaded[tape.choose(reloaded.length, { eager: 0.8 })] ?? config
      return process.reload(next)
    }
    case 'stop':
      return process.stop()
    case 'process killed':
      return lives.crash()
    case 'power cut':
      return lives.crash(() => disk.crash(() => survives(tape)))
    case 'server power cut':
      return server.losePower()
    case 'operator':
      return askOperator({ plant, tape, estate, lives })
    case 'stranger':
      return putStranger({ tape, estate, lives })
    case 'file refused':
      return refuseFile({ tape, estate, lives })
    case 'models hang':
      process.models.hang = !process.models.hang
      return
  }
}

/** Whether one thing that was not synced is there after a power cut. */
export const survives = (tape: Tape): boolean => tape.choose(2, { eager: 0.5 }) === 1

/** Somebody takes a file from the server, for good. */
function consume({ tape, estate, lives }: Omit<Scene, 'plant'>): void {
  const { site, taken } = estate
  const shown = [...site.server.nodes].filter(([path, node]) => isFinalName(path) && node !== 'folder')
  const [path, node] = shown[tape.choose(shown.length, { eager: 0.8 })] ?? []
  if (path === undefined || node === undefined || node === 'folder') return
  lives.note({ what: 'consumer takes', about: path })
  if (site.strangers.isAt(path)) return site.strangers.takeAway(path)
  taken.set(path, node.content)
  site.server.nodes.delete(path)
}

/** Somebody puts a file of his own where one of ours is about to be, or has been until the consumer took it. */
function putStranger({ tape, estate, lives }: Omit<Scene, 'plant'>): void {
  const { manifest, site } = estate
  const ours = manifest.entries.filter(({ state }) => /^(pending|sending|delivered)$/.test(state))
  const free = ours.filter(({ path }) => !site.server.nodes.has(path))
  const file = free[tape.choose(free.length, { eager: 0.8 })]
  if (file === undefined) return
  const lengths = [file.bytes, file.bytes + 1, 0]
  const bytes = lengths[tape.choose(lengths.length, { eager: 0.6 })] ?? 0
  lives.note({ what: 'a stranger puts', about: `${bytes} bytes as ${file.path}` })
  site.strangers.put(file.path, Buffer.alloc(bytes, '#'))
}

/** The server takes this one file no more, until somebody mends that. */
function refuseFile({ tape, estate, lives }: Omit<Scene, 'plant'>): void {
  const { manifest, site } = estate
  const underway = manifest.entries.filter(({ state }) => /^(pending|sending)$/.test(state))
  const file = underway[tape.choose(underway.length, { eager: 0.8 })]
  if (file === undefined) return
  lives.note({ what: 'refused from now on', about: file.path })
  site.refusedFiles.refuse(file.path)
}
