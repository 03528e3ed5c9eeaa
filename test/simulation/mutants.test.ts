import { describe, expect, it } from 'vitest'
import { simulationOf } from './bundle.ts'
import { mutants } from './mutants.ts'
import { shrink } from './shrink.ts'
import type { Run } from './simulate.ts'
import type { TraceEntry } from './trace.ts'

const mostSeeds = 2_000

describe('a daemon with one mistake', () => {
  it('is tried with at least fifteen', () => {
    expect(mutants.length).toBeGreaterThanOrEqual(15)
  })

  it.each(mutants.map((mutant, index) => ({ ...mutant, index })))(
    'is found out: $name',
    { timeout: 300_000 },
    async (mutant) => {
      const simulate = await simulationOf(mutant, `mutant-${mutant.index}`)
      let found: Run | undefined
      for (let seed = 1; seed <= mostSeeds && found === undefined; seed++) {
        const run = await simulate({ seed })
        if (run.violation !== undefined) found = run
      }
      expect(found?.violation, `no seed up to ${mostSeeds} finds it`).toBeDefined()
      if (mutant.breaks !== undefined) expect(found?.violation?.invariant).toBe(mutant.breaks)
    },
  )
})

describe('a run that has found a mistake', () => {
  it('shrinks to a few choices that still find it', { timeout: 300_000 }, async () => {
    const mutant = mutants.find(({ name }) => name === 'rows are accepted before they are synced')
    const simulate = await simulationOf(mutant, 'to-shrink')
    let failing: Run | undefined
    for (let seed = 1; failing === undefined; seed++) {
      const run = await simulate({ seed })
      if (run.violation !== undefined) failing = run
    }
    const eager = (run: Run) => run.choices.filter((choice) => choice !== 0).length
    const shrunk = await shrink(simulate, failing)
    expect(shrunk.violation?.invariant).toBe(failing.violation?.invariant)
    expect(eager(shrunk)).toBeLessThanOrEqual(Math.min(6, eager(failing)))
    const trace: TraceEntry[] = []
    const { seed, choices } = shrunk
    const again = await simulate({ seed, choices, trace: (entry) => trace.push(entry) })
    expect(again.violation).toEqual(shrunk.violation)
    expect(trace.at(-1)).toMatchObject({ type: 'invariant.violated', ...shrunk.violation })
  })
})
