import type { Box } from './fitting.ts'

/**
 * Leaves, of boxes of one class that overlap by more than `iouThreshold`, the one that comes first; at most `most` in all.
 *
 * `boxes` are sorted, the best first; so is the answer.
 */
export function suppress<T extends Box & { readonly classIndex: number }>(
  boxes: readonly T[],
  iouThreshold: number,
  most: number,
): T[] {
  const kept: T[] = []
  for (const box of boxes) {
    if (kept.length >= most) break
    const hidden = kept.some((other) => other.classIndex === box.classIndex && overlap(other, box) > iouThreshold)
    if (!hidden) kept.push(box)
  }
  return kept
}

/** Intersection over union of two boxes; 0..1. */
export function overlap(a: Box, b: Box): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x)
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y)
  if (width <= 0 || height <= 0) return 0
  const both = width * height
  return both / (a.width * a.height + b.width * b.height - both)
}
