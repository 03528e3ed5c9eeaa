import type { Simulate } from './bundle.ts'
import type { Run } from './simulate.ts'

/** More runs than this are not worth a shorter tape. */
const mostRuns = 800
/** Of a choice that is cut out: so many that follow on it may be of its making, and go too. */
const mostCut = 6

/**
 * Makes a failing run simpler: choices that are not needed for the same invariant to be violated become benign, in ever
 * smaller groups (Zeller and Hildebrandt, Simplifying and Isolating Failure-Inducing Input, 2002). Where a choice leads to
 * others, those after it stand elsewhere without it: it is cut out together with what follows on it
 * (MacIver and Donaldson, Test-Case Reduction via Test-Case Generation: Insights from the Hypothesis Reducer, ECOOP 2020).
 */
export async function shrink(simulate: Simulate, failing: Run): Promise<Run> {
  const { seed, violation } = failing
  let best = failing
  let runs = 0
  const stillFails = async (choices: readonly number[]): Promise<boolean> => {
    if (++runs > mostRuns) return false
    const run = await simulate({ seed, choices })
    if (run.violation?.invariant !== violation?.invariant) return false
    best = { ...run, choices: trimmed(choices) }
    return true
  }
  const calm = async (): Promise<void> => {
    for (let size = Math.ceil(eager(best.choices).length / 2); size >= 1;) {
      const found = eager(best.choices)
      let wasUseful = false
      for (let from = 0; from < found.length; from += size) {
        const benign = new Set(found.slice(from, from + size))
        const choices = best.choices.map((choice, position) => (benign.has(position) ? 0 : choice))
        wasUseful = (await stillFails(choices)) || wasUseful
      }
      if (size === 1 && !wasUseful) return
      size = Math.max(1, Math.floor(size / 2))
    }
  }
  const cutOut = async (): Promise<boolean> => {
    let wasUseful = false
    for (let position = best.choices.length - 1; position >= 0; position--) {
      for (let count = 1; count <= mostCut && best.choices[position]; count++) {
        wasUseful = (await stillFails(best.choices.toSpliced(position, count))) || wasUseful
      }
    }
    return wasUseful
  }
  await calm()
  while ((await cutOut()) && runs < mostRuns) await calm()
  return best
}

/** Where the choices are that are not benign. */
const eager = (choices: readonly number[]): number[] =>
  choices.flatMap((choice, position) => (choice === 0 ? [] : [position]))

function trimmed(choices: readonly number[]): number[] {
  const last = choices.findLastIndex((choice) => choice !== 0)
  return choices.slice(0, last + 1)
}
