import { basename, extname } from 'node:path'
import { counted } from '../../domain/counted.ts'
import type { PictureSize } from '../../domain/frame.ts'
import type { LoadedModel, ModelToLoad } from '../../domain/model.ts'
import type { ScoreScale } from '../../domain/score-scale.ts'
import { mostLines } from '../../domain/text-lines.ts'
import type { Milliseconds } from '../../domain/units.ts'
import { type Column, tableLines } from '../terminal/table.ts'

/** Why a model is none of a kind. */
export interface KindRefused {
  readonly kind: ModelToLoad['kind']
  readonly why: string
}

const columns: readonly Column[] = [{ title: '' }, { title: '' }]
const table = (rows: readonly (readonly string[])[], width: number): string[] =>
  tableLines(columns, rows, width).slice(1)

/** What a model that can be used was found to be, and how a configuration would name it. */
export function modelReport(spec: ModelToLoad, model: LoadedModel, times: Times, width: number): string[] {
  const { kind, tensors, reads } = model
  const rows = [
    ['input', `${tensors.input}: ${pictures(model)}`],
    ['output', `${tensors.output}: ${output(model)}`],
    ...(model.scores === undefined ? [] : [['scores', scores(spec, model.scores)]]),
    ...tensors.unread.map((unread) => ['not read', unread]),
    reads === undefined
      ? ['labels', `${labels(model.labels)} (${spec.labels === undefined ? 'its own metadata' : '--labels'})`]
      : [
          'lines',
          reads.detector === undefined
            ? 'the picture is one (--detector names what finds them)'
            : `found by ${reads.detector}${tensorsOf(reads.finds)}`,
        ],
    ['runs on', runsOn(model)],
    ...(model.doubt === undefined ? [] : [['beware', model.doubt]]),
    ...(model.beside === undefined ? [] : [['slower', model.beside]]),
    ['a frame', `${times.median.toFixed(1)} ms in one thread, the median of ${times.frames}${lineWords(times.aLine)}`],
  ]
  return [`${spec.name} can ${kind}`, ...table(rows, width), ...configuration(spec)]
}

/** Of a picture without text nothing is read. */
export const lineWords = (aLine: LineTime | undefined): string =>
  aLine === undefined
    ? ''
    : ` without text; each line of text, up to ${mostLines} in a frame, takes ${aLine.median.toFixed(1)} ms more at ${aLine.size.width}x${aLine.size.height}, longer ones as much more as they are longer`

/** Medians. */
export interface Times {
  readonly median: Milliseconds
  readonly frames: number
  readonly aLine: LineTime | undefined
}

export interface LineTime {
  readonly median: Milliseconds
  readonly size: PictureSize
}

/** Why a model can't be used: told once where it is the same, whatever was tried. */
export function refusalReport(file: string, refused: readonly KindRefused[], width: number): string[] {
  const kindsOf = new Map<string, string[]>()
  for (const { kind, why } of refused) kindsOf.set(why, [...(kindsOf.get(why) ?? []), kind])
  const rows =
    kindsOf.size === 1
      ? refused.slice(0, 1).map(({ why }) => ['why', why])
      : [...kindsOf].map(([why, kinds]) => [`to ${kinds.join(' or ')}`, why])
  return [`${file} cannot be used`, ...table(rows, width)]
}

const pictures = ({ kind, input: { width, height }, frames, type, reads }: LoadedModel): string => {
  if (kind === 'read') {
    return reads?.detector === undefined
      ? 'a line of text, scaled to the height of 48'
      : `each line of text, scaled to the height of 48; the picture is ${width}x${height} where a camera's \`picture\` is auto`
  }
  const size = `${width}x${height}`
  // A model that was trained on normalised pictures answers all the same, and wrongly.
  const range = type === 'uint8' ? '0 to 255' : '0 to 1, without mean and deviation'
  return frames === 1
    ? `a picture of ${size}, red, green and blue, ${range}`
    : `two pictures of ${size}, the earlier first, each red, green and blue, ${range}`
}

function output({ layout, labels: { length }, reads }: LoadedModel): string {
  if (reads !== undefined)
    return `steps along the line, each with a score for ${reads.characters} characters and for none`
  const scores = counted(length, 'score')
  switch (layout) {
    case undefined:
      return `a score for each of ${length} labels`
    case 'v8':
      return `layout v8 (also v9, v11, v12), candidates side by side, each a box and ${scores}; suppressed by Belay`
    case 'v5':
      return `layout v5 (also v6, v7), a candidate a row: box, objectness and ${scores}; suppressed by Belay`
    case 'end-to-end':
      return 'layout end-to-end (also v10), a detection a row: corners, score and class; suppressed by the model, without `iouThreshold`'
  }
}

const takenAs: Readonly<Record<ScoreScale, string>> = {
  probabilities: 'probabilities, taken as they are',
  logits: 'logits, made probabilities by softmax, of one label by sigmoid',
  'independent-logits': 'independent logits, each made a probability by its sigmoid',
}

const scores = ({ scores: asked = 'auto' }: ModelToLoad, scale: ScoreScale): string =>
  `${takenAs[scale]} (${asked === 'auto' ? 'as those of a black picture look' : '--scores'})`

const shownLabels = 5

/** The first of them, and how many there are. */
export function labels(names: readonly string[]): string {
  const more = names.length - shownLabels
  return names.slice(0, shownLabels).join(', ') + (more > 0 ? `, and ${more} more` : '')
}

const tensorsOf = (finds: Finds): string =>
  finds === undefined ? '' : `, from ${finds.tensors.input} to ${finds.tensors.output}`

type Finds = NonNullable<LoadedModel['reads']>['finds']

const runsOn = ({ provider, declined, reads }: LoadedModel): string => {
  const own = whereOf({ provider, declined })
  return reads?.finds === undefined ? own : `${own}; what finds the lines on ${whereOf(reads.finds)}`
}

const whereOf = ({ provider, declined }: Pick<LoadedModel, 'provider' | 'declined'>): string =>
  [provider, ...declined.map(({ provider: wanted, reason }) => `not on ${wanted}: ${reason}`)].join('; ')

/** As a section of a configuration; a JSON text is a YAML text too, whatever stands in a path. */
function configuration({
  kind,
  file,
  labels: given,
  input,
  layout,
  scores: asked,
  dictionary,
  detector,
}: ModelToLoad): string[] {
  const name = basename(file, extname(file))
    .replaceAll(/[^A-Za-z0-9._-]/g, '-')
    .replace(/^[._-]+/, '')
  const classes = {
    labels: given,
    input: input === undefined ? undefined : `${input.width}x${input.height}`,
    layout: kind === 'classify' || layout === 'auto' ? undefined : layout,
    scores: kind !== 'classify' || asked === 'auto' ? undefined : asked,
  }
  const values = { kind, file, ...(kind === 'read' ? { dictionary, detector } : classes) }
  const lines = Object.entries(values).flatMap(([key, value]) =>
    value === undefined ? [] : [`      ${key}: ${typeof value === 'string' ? plain(value) : JSON.stringify(value)}`],
  )
  return ['', 'In a configuration:', '  models:', `    ${name === '' ? 'model' : name.slice(0, 64)}:`, ...lines]
}

const plain = (value: string): string => (/^[\w/][\w/.-]*$/.test(value) ? value : JSON.stringify(value))
