import type { Box } from './fitting.ts'
import type { Finding, ModelKind } from './inspection.ts'
import type { CapturedFrame } from './frame.ts'
import type { BootNumber, CameraId } from './ids.ts'
import { isoTime } from './units.ts'

/** The folder below the camera's that a model's rows go to. */
export type CsvFolder = 'model' | 'classifier' | 'reader'

/** By what the model does. */
export const csvFolders = { detect: 'model', classify: 'classifier', read: 'reader' } as const satisfies Record<
  ModelKind,
  CsvFolder
>

/** One cell; numbers are written with a point and no thousands separator. */
export type CsvCell = string | number

/** One model's rows for one frame: what the writer accepts or refuses as a whole. */
export interface CsvRequest {
  readonly cameraId: CameraId
  readonly folder: CsvFolder
  /** One or more; cells in the order of `csvColumns[folder]`. */
  readonly rows: readonly (readonly CsvCell[])[]
}

/** The columns of each folder's files, in order; docs/csv-format.md gives units. The first five and `detection` are the key. */
export const csvColumns = {
  model: [
    'boot',
    'camera',
    'epoch',
    'frame',
    'detection',
    'captured_at',
    'model',
    'label',
    'score',
    'x_px',
    'y_px',
    'width_px',
    'height_px',
  ],
  classifier: ['boot', 'camera', 'epoch', 'frame', 'detection', 'captured_at', 'model', 'label', 'score'],
  reader: [
    'boot',
    'camera',
    'epoch',
    'frame',
    'detection',
    'captured_at',
    'model',
    'text',
    'score',
    'x_px',
    'y_px',
    'width_px',
    'height_px',
  ],
} as const satisfies Record<CsvFolder, readonly string[]>

/**
 * The rows of one finding. A detector or reader that saw nothing is one row too: detection 0, the rest empty.
 * Detections count from 1 by falling score, lines of text as people read them; a classifier has one row, its best label, as detection 1.
 */
export function csvRequest(boot: BootNumber, frame: CapturedFrame, finding: Finding): CsvRequest {
  const row = (detection: number, ...cells: CsvCell[]): CsvCell[] => [
    boot,
    frame.cameraId,
    frame.epoch,
    frame.number,
    detection,
    isoTime(frame.capturedAt),
    finding.model,
    ...cells,
  ]
  if (finding.kind === 'classify') {
    const best = finding.scores[0]
    return {
      cameraId: frame.cameraId,
      folder: csvFolders.classify,
      rows: [row(1, best?.label ?? '', best === undefined ? '' : round(best.score, 4))],
    }
  }
  const seen = (label: string, score: number, { x, y, width, height }: Box): CsvCell[] => [
    ...[label, round(score, 4)],
    ...[x, y, width, height].map((pixels) => round(pixels, 1)),
  ]
  const found =
    finding.kind === 'read'
      ? finding.lines.map((line) => seen(line.text, line.score, line))
      : finding.detections.toSorted((a, b) => b.score - a.score).map((one) => seen(one.label, one.score, one))
  return {
    cameraId: frame.cameraId,
    folder: csvFolders[finding.kind],
    rows: found.length === 0 ? [row(0, '', '', '', '', '', '')] : found.map((cells, index) => row(index + 1, ...cells)),
  }
}

function round(value: number, digits: number): number {
  const factor = 10 ** digits
  return Math.round(value * factor) / factor
}
