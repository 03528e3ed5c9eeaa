import type { Finding } from './inspection.ts'
import type { CapturedFrame } from './frame.ts'
import type { BootNumber, CameraId } from './ids.ts'
import { isoTime } from './units.ts'

/** The folder below the camera's that a model's rows go to. */
export type CsvFolder = 'model' | 'classifier'

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
} as const satisfies Record<CsvFolder, readonly string[]>

/**
 * The rows of one finding. A detector that saw nothing is one row too: detection 0, the rest empty.
 * Detections count from 1 by falling score; a classifier has one row, its best label, as detection 1.
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
      folder: 'classifier',
      rows: [row(1, best?.label ?? '', best === undefined ? '' : round(best.score, 4))],
    }
  }
  const detections = finding.detections.toSorted((a, b) => b.score - a.score)
  return {
    cameraId: frame.cameraId,
    folder: 'model',
    rows:
      detections.length === 0
        ? [row(0, '', '', '', '', '', '')]
        : detections.map(({ label, score, x, y, width, height }, index) =>
            row(index + 1, label, round(score, 4), round(x, 1), round(y, 1), round(width, 1), round(height, 1)),
          ),
  }
}

function round(value: number, digits: number): number {
  const factor = 10 ** digits
  return Math.round(value * factor) / factor
}
