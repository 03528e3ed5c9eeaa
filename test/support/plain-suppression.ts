import type { RawDetection } from '../../src/domain/detection-rows.ts'
import type { Box } from '../../src/domain/fitting.ts'
import type { Thresholds } from '../../src/workers/inference/end-to-end.ts'

/** What `src/workers/inference/suppression.ts` does in a graph, one candidate after another: slow, and plain to see. */
export function plainSuppression(
  output: Float32Array,
  [, rows = 0, columns = 0]: readonly number[],
  layout: 'v8' | 'v5',
  { scoreThreshold, iouThreshold }: Thresholds,
): RawDetection[] {
  const candidates =
    layout === 'v8'
      ? Array.from({ length: columns }, (_, at) => pick(rows, (row) => output[row * columns + at]))
      : Array.from({ length: rows }, (_, at) => pick(columns, (column) => output[at * columns + column]))
  const likely = candidates
    .map(([x = 0, y = 0, width = 0, height = 0, ...rest]): RawDetection => {
      const [objectness = 0, classes] = layout === 'v8' ? [1, rest] : [rest[0], rest.slice(1)]
      const best = Math.max(...classes)
      const corner = { x: x - width / 2, y: y - height / 2 }
      return { ...corner, width, height, classIndex: classes.indexOf(best), score: objectness * best }
    })
    .filter(({ width, height, score }) => width > 0 && height > 0 && score >= scoreThreshold)
    .toSorted((a, b) => b.score - a.score)
    .slice(0, 4096)
  const kept: RawDetection[] = []
  for (const one of likely) {
    const isHidden = kept.some((other) => other.classIndex === one.classIndex && overlap(other, one) > iouThreshold)
    if (!isHidden && kept.length < 300) kept.push(one)
  }
  return kept
}

const pick = (count: number, value: (at: number) => number | undefined): number[] =>
  Array.from({ length: count }, (_, at) => value(at) ?? NaN)

/** Intersection over union. */
function overlap(a: Box, b: Box): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x)
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y)
  if (width <= 0 || height <= 0) return 0
  const both = width * height
  return both / (a.width * a.height + b.width * b.height - both)
}
