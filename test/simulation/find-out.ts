import { readFileSync } from 'node:fs'
import type { Simulate } from './bundle.ts'
import type { Mutant } from './mutant.ts'
import type { Invariant } from './referee.ts'

/** Each mutant is found out by one of them. */
export const mostSeeds = 2_000

export const foundAtFile = new URL('found-at.json', import.meta.url)

/** By the name of a mutant: a seed that has found it out, which is tried first. Written by `npm run simulate -- --mutants`. */
export const foundAt = JSON.parse(readFileSync(foundAtFile, 'utf8')) as Readonly<Record<string, number>>

export interface FoundOut {
  /** What finds it out; `undefined`: none of them does. */
  readonly seed: number | undefined
  /** What the seeds that were tried have found broken. */
  readonly broken: ReadonlySet<Invariant>
}

/** Looks for a seed that finds out what a daemon with that mistake breaks. */
export async function findOut(simulate: Simulate, { name, breaks }: Mutant): Promise<FoundOut> {
  const broken = new Set<Invariant>()
  for (const seed of seedsFrom(foundAt[name])) {
    const { violation } = await simulate({ seed })
    if (violation !== undefined) broken.add(violation.invariant)
    if (broken.has(breaks)) return { seed, broken }
  }
  return { seed: undefined, broken }
}

/** The one that is remembered, then all. */
function* seedsFrom(first: number | undefined): Generator<number, void> {
  if (first !== undefined && first <= mostSeeds) yield first
  for (let seed = 1; seed <= mostSeeds; seed++) yield seed
}
