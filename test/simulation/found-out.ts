import { expect, it } from 'vitest'
import { simulationOf } from './bundle.ts'
import { findOut, foundAt, mostSeeds } from './find-out.ts'
import type { Mutant } from './mutant.ts'

/** One test for each mutant; a file of tests for each list of them, so that the lists run beside each other. */
export function eachIsFoundOut(mutants: readonly Mutant[]): void {
  it.each(mutants.map((mutant, index) => ({ ...mutant, index })))(
    'is found out by what it breaks: $name',
    { timeout: 300_000 },
    async (mutant) => {
      const simulate = await simulationOf(mutant, `mutant-${mutant.index}`)
      const { seed, broken } = await findOut(simulate, mutant)
      expect([...broken], `what ${mostSeeds} seeds find`).toContain(mutant.breaks)
      // Still found out, and by another: to be remembered, so that it need not be looked for each time.
      if (seed !== foundAt[mutant.name]) console.log(`Now found out at seed ${seed}: ${mutant.name}`)
    },
  )
}
