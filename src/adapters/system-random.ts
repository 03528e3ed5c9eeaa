import type { Random } from '../ports/random.ts'

/** Not for secrets. */
export const systemRandom: Random = () => Math.random()
