import type { CameraConfig, Config } from '../../src/config/config.ts'
import { seconds } from '../../src/domain/units.ts'
import { configOf } from '../config/small-config.ts'
import type { Tape } from './tape.ts'

/**
 * What a plant may have beside the least: one choice each, of nothing and what stands there. A tape names them by their
 * places here: others are added at the end of the list, or of a choice.
 */
const choices = [
  /** Local copies are deleted soon after their delivery. */
  [['keeps for a while']],
  /** What was sent is read back before it gets its name. */
  [['reads back']],
  /** Files grow beside their final names. */
  [['suffix']],
  /** A camera whose pictures are looked at only where they show something new. */
  [['motion gate']],
  /** A camera that reads, too. */
  [['reads text']],
  /** A camera that says what state it sees, too. */
  [['classifies']],
  /** Files take what several pictures bring. */
  [['long files']],
  /** One camera, a live one, so that its files are sent sooner; and a stop that has less time than its slots ask for. */
  [['one camera'], ['one camera', 'short stop']],
  /** Sealed files are sent two by two, as archives. */
  [['archives']],
  /** Sealed files are sent compressed. */
  [['compresses']],
] as const
type Trait = (typeof choices)[number][number][number]

/** A configuration, and what its file may hold when it is read again: the same, a camera less, one changed, one more. */
export interface Plant {
  readonly config: Config
  readonly reloaded: readonly Config[]
}

/** How likely it is that it has something of a choice. */
const eagerness = (first: Trait): number => (first === 'one camera' ? 0.5 : 0.2)

/** The plant of one run; where every choice is benign, a live camera, a lossless one and one model. */
export function plantFrom(tape: Tape): Promise<Plant> {
  const chosen = choices.flatMap((choice): readonly Trait[] => {
    const place = tape.choose(choice.length + 1, { eager: eagerness(choice[0][0]) })
    return place === 0 ? [] : (choice[place - 1] ?? [])
  })
  const key = chosen.join()
  const plant = plants.get(key) ?? makePlant(new Set(chosen))
  plants.set(key, plant)
  return plant
}

const plants = new Map<string, Promise<Plant>>()

async function makePlant(has: ReadonlySet<Trait>): Promise<Plant> {
  const when = (trait: Trait, settings: string): string => (has.has(trait) ? settings : '')
  const live = (id: string): string => `
  - id: ${id}
    source: { type: rtsp, url: 'rtsp://10.0.0.5/${id}' }
    picture: 16x16
    frozenAfter: 8s
    detect: { model: particles }
    ${when('reads text', 'read: { model: words }')}
    ${when('motion gate', 'motionGate: 5')}`
  const all = await configOf(`
cameras:${live('dock-1')}
  - id: belt-2
    source: { type: synthetic, lossless: true }
    picture: 16x16
    frozenAfter: 8s
    detect: { model: particles }
    ${when('classifies', 'classify: { model: states }')}${live('dock-3')}
models:
  particles: { kind: detect, file: 'builtin:belt-particles' }
  ${when('classifies', "states: { kind: classify, file: 'builtin:belt-state' }")}
  ${when('reads text', 'words: { kind: read, file: /models/words.onnx }')}
csv:
  rotation: { rows: 6, interval: ${has.has('long files') ? '5s' : '1s'} }
  ${has.has('compresses') ? 'pack: { as: gzip }' : when('archives', 'pack: { as: tar, files: 2, interval: 2s }')}
disk: { warnBelow: 0B, pauseBelow: 0B, reserve: 200B }
backups: { keep: 1 }
${when('short stop', 'stop: { budget: 5s, hardCap: 6s }')}
sftp:
  host: sftp.example.com
  username: belay
  passwordEnv: SFTP_PASSWORD
  hostKey: accept-any
  probeEvery: 5s
  deadLetterAfter: 2
  ${when('keeps for a while', 'keepFor: 1s')}
  ${when('reads back', 'verify: readback')}
  ${when('suffix', 'temporary: suffix')}
`)
  const [dock1, belt2, dock3] = all.cameras as [CameraConfig, CameraConfig, CameraConfig]
  const changed: CameraConfig = { ...dock1, stallAfter: seconds(9) }
  const withCameras = (...cameras: CameraConfig[]): Config => ({ ...all, cameras })
  const others = has.has('one camera') ? [] : [belt2]
  const config = withCameras(dock1, ...others)
  return {
    config,
    reloaded: [config, withCameras(belt2), withCameras(changed, ...others), withCameras(dock1, belt2, dock3)],
  }
}
