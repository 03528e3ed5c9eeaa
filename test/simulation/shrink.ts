import type { Simulate } from './bundle.ts'
import type { Run } from './simulate.ts'

/** More runs than this are not worth a shorter tape. */
const mostRuns = 600

/**
 * Makes a failing run simpler: choices that are not needed for the same invariant to be violated become benign, in ever
 * smaller groups (Zeller and Hildebrandt, Simplifying and Isolating Failure-Inducing Input, 2002).
 */
export async function shrink(simulate: Simulate, failing: Run): Promise<Run> {
  const { seed, violation } = failing
  let best = failing
  let runs = 0
  const stillFails = async (choices: readonly number[]): Promise<boolean> => {
    runs++
    const run = await simulate({ seed, choices })
    if (run.violation?.invariant !== violation?.invariant) return false
    best = { ...run, choices: trimmed(choices) }
    return true
  }
  for (let size = Math.ceil(eager(best.choices).length / 2); size >= 1 && runs < mostRuns;) {
    const found = eager(best.choices)
    let wasUseful = false
    for (let from = 0; from < found.length && runs < mostRuns; from += size) {
      const benign = new Set(found.slice(from, from + size))
      const choices = best.choices.map((choice, position) => (benign.has(position) ? 0 : choice))
      wasUseful = (await stillFails(choices)) || wasUseful
    }
    if (size === 1 && !wasUseful) break
    size = Math.max(1, Math.floor(size / 2))
  }
  return best
}

/** Where the choices are that are not benign. */
const eager = (choices: readonly number[]): number[] =>
  choices.flatMap((choice, position) => (choice === 0 ? [] : [position]))

function trimmed(choices: readonly number[]): number[] {
  const last = choices.findLastIndex((choice) => choice !== 0)
  return choices.slice(0, last + 1)
}
