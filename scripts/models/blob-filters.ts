/**
 * Filters that answer to a disc of one radius: the Laplacian of a Gaussian, which is the limit of a difference of two Gaussians.
 *
 * Each is scaled so that a disc of its own radius and contrast 1 gives 1 at its centre, hence the filter that answers most tells the radius.
 */
export interface BlobFilters {
  /** In samples of the picture they are applied to. */
  readonly radii: readonly number[]
  /** Filters are `size` by `size`, an odd number. */
  readonly size: number
  /** radii.length * size * size weights, each filter row-major; every filter sums to 0, so that a plain picture gives 0. */
  readonly weights: readonly number[]
}

export function blobFilters(radii: readonly number[], size: number): BlobFilters {
  return { radii, size, weights: radii.flatMap((radius) => normalised(laplacian(radius, size), radius, size)) }
}

/** A disc's answer is largest where sigma is radius / sqrt(2) (Lindeberg 1998, "Feature detection with automatic scale selection"). */
function laplacian(radius: number, size: number): number[] {
  const variance = radius ** 2 / 2
  return grid(size, (x, y) => {
    const q = (x * x + y * y) / variance
    return (2 - q) * Math.exp(-q / 2)
  })
}

function normalised(filter: readonly number[], radius: number, size: number): number[] {
  const mean = filter.reduce((sum, weight) => sum + weight, 0) / filter.length
  const balanced = filter.map((weight) => weight - mean)
  const disc = grid(size, (x, y) => covered(x, y, radius))
  const gain = balanced.reduce((sum, weight, i) => sum + weight * (disc[i] ?? 0), 0)
  // Rounded, since an exponential may differ in its last bit between engines.
  return balanced.map((weight) => Number((weight / gain).toPrecision(6)))
}

/** How much of the sample at (x, y) a disc around the origin covers, from 8 by 8 points. */
function covered(x: number, y: number, radius: number): number {
  let inside = 0
  for (let i = 0; i < 64; i++) {
    const dx = x + (Math.floor(i / 8) + 0.5) / 8 - 0.5
    const dy = y + ((i % 8) + 0.5) / 8 - 0.5
    if (dx * dx + dy * dy <= radius * radius) inside++
  }
  return inside / 64
}

function grid(size: number, value: (x: number, y: number) => number): number[] {
  const middle = (size - 1) / 2
  return Array.from({ length: size * size }, (_, i) => value((i % size) - middle, Math.floor(i / size) - middle))
}
