import type { ModelKind } from '../domain/inspection.ts'
import type { RoomLevel } from '../domain/room.ts'
import { epochMs } from '../domain/units.ts'
import { clip, linesThatFit } from './clip.ts'
import type { CameraView, DaemonState, InferenceView, ModelView, UploaderView, WriterView } from './protocol.ts'
import type { Facts } from './record.ts'

/** What is known of every part beside its counters and gauges, by its path: short texts and numbers, as the state has them. */
export const partFacts = (state: DaemonState): ReadonlyMap<string, Facts> =>
  new Map([
    ['root', daemonFacts(state)],
    ...state.cameras.map((camera) => [camera.path, cameraFacts(camera)] as const),
    [state.inference.path, inferenceFacts(state.inference)],
    [state.writer.path, writerFacts(state.writer)],
    [state.uploader.path, uploaderFacts(state.uploader)],
  ])

const daemonFacts = ({ version, boot, startedAt, configuration }: DaemonState): Facts => {
  const { appliedAt, refused, atNextStart } = configuration
  return {
    ...{ version, boot, startedAt, appliedAt },
    ...(refused !== null && { refusedAt: refused.at, refusedFor: clip(refused.why) }),
    ...(atNextStart.length > 0 && { atNextStart: linesThatFit(atNextStart).join('\n') }),
  }
}

const cameraFacts = ({
  source,
  sourceSize,
  models,
  lossless,
  failing,
  losingRows,
  lastFinding,
  lastFindingAt,
}: CameraView): Facts => ({
  source: clip(source),
  ...(sourceSize !== null && { sourceWidth: sourceSize.width, sourceHeight: sourceSize.height }),
  models: linesThatFit(models).join('\n'),
  lossless,
  ...(failing && { failing }),
  ...(losingRows && { losingRows }),
  ...(lastFinding !== null && { lastFinding: clip(lastFinding) }),
  ...(lastFindingAt !== null && { lastFindingAt }),
})

function inferenceFacts({ models, workers, waitingLimit }: InferenceView): Facts {
  const names = linesThatFit(models.map(({ name }) => name))
  const { wanted, isShort } = workers
  const facts: Record<string, Facts[string]> = { wanted, waitingLimit, models: names.join('\n') }
  if (isShort) facts['isShort'] = isShort
  for (const { name, kind, input, labels } of models.slice(0, names.length)) {
    facts[`${name}.kind`] = kind
    facts[`${name}.width`] = input.width
    facts[`${name}.height`] = input.height
    facts[`${name}.labels`] = linesThatFit(labels).join('\n')
    facts[`${name}.labelCount`] = labels.length
  }
  return facts
}

const writerFacts = ({ queueLimit, disk }: WriterView): Facts => ({
  queueLimit,
  diskLevel: disk.level,
  ...(disk.fullInMs !== null && { diskFullInMs: disk.fullInMs }),
})

const uploaderFacts = ({ server, sendingLimit }: UploaderView): Facts => ({ server: clip(server), sendingLimit })

/** What the facts of the root say, as the state has it; what they don't say is empty. */
export function daemonOf(
  facts: Facts,
  at: number,
): Pick<DaemonState, 'version' | 'boot' | 'startedAt' | 'runningSince' | 'configuration'> {
  const startedAt = numberIn(facts, 'startedAt') ?? at
  const [refusedAt, why] = [numberIn(facts, 'refusedAt'), textIn(facts, 'refusedFor')]
  return {
    version: textIn(facts, 'version') ?? '',
    boot: numberIn(facts, 'boot') ?? 0,
    startedAt: epochMs(startedAt),
    runningSince: epochMs(startedAt),
    configuration: {
      appliedAt: epochMs(numberIn(facts, 'appliedAt') ?? startedAt),
      refused: refusedAt === undefined || why === undefined ? null : { at: epochMs(refusedAt), why },
      atNextStart: listIn(facts, 'atNextStart'),
    },
  }
}

type CameraFacts =
  'source' | 'sourceSize' | 'models' | 'lossless' | 'failing' | 'losingRows' | 'lastFinding' | 'lastFindingAt'

export function cameraOf(facts: Facts): Pick<CameraView, CameraFacts> {
  const at = numberIn(facts, 'lastFindingAt')
  const [width, height] = [numberIn(facts, 'sourceWidth'), numberIn(facts, 'sourceHeight')]
  return {
    source: textIn(facts, 'source') ?? '',
    sourceSize: width === undefined || height === undefined ? null : { width, height },
    models: listIn(facts, 'models'),
    lossless: facts['lossless'] === true,
    failing: facts['failing'] === true,
    losingRows: facts['losingRows'] === true,
    lastFinding: textIn(facts, 'lastFinding') ?? null,
    lastFindingAt: at === undefined ? null : epochMs(at),
  }
}

export const inferenceOf = (
  facts: Facts,
): Pick<InferenceView, 'waitingLimit'> & Pick<InferenceView['workers'], 'wanted' | 'isShort'> => ({
  isShort: facts['isShort'] === true,
  wanted: numberIn(facts, 'wanted') ?? 0,
  waitingLimit: numberIn(facts, 'waitingLimit') ?? 0,
})

export const modelsOf = (facts: Facts): ModelView[] =>
  listIn(facts, 'models').map((name) => {
    const labels = listIn(facts, `${name}.labels`)
    const untold = Math.max(0, (numberIn(facts, `${name}.labelCount`) ?? 0) - labels.length)
    return {
      name,
      kind: textIn(facts, `${name}.kind`) as ModelKind,
      input: { width: numberIn(facts, `${name}.width`) ?? 0, height: numberIn(facts, `${name}.height`) ?? 0 },
      labels: [...labels, ...Array<string>(untold).fill('…')],
    }
  })

export const writerOf = (
  facts: Facts,
): Pick<WriterView, 'queueLimit'> & Pick<WriterView['disk'], 'level' | 'fullInMs'> => ({
  queueLimit: numberIn(facts, 'queueLimit') ?? 0,
  level: (textIn(facts, 'diskLevel') ?? 'enough') as RoomLevel,
  fullInMs: numberIn(facts, 'diskFullInMs') ?? null,
})

export const uploaderOf = (facts: Facts): Pick<UploaderView, 'server' | 'sendingLimit'> => ({
  server: textIn(facts, 'server') ?? '',
  sendingLimit: numberIn(facts, 'sendingLimit') ?? 0,
})

function textIn(facts: Facts, name: string): string | undefined {
  const value = facts[name]
  return typeof value === 'string' ? value : undefined
}

function numberIn(facts: Facts, name: string): number | undefined {
  const value = facts[name]
  return typeof value === 'number' ? value : undefined
}

const listIn = (facts: Facts, name: string): string[] =>
  (textIn(facts, name) ?? '').split('\n').filter((each) => each !== '')
