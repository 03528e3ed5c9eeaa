import { simulationOf } from '../../test/simulation/bundle.ts'
import { mutants } from '../../test/simulation/mutants.ts'

const mistake = 'the stop order is the start order reversed'

/** What `npm run simulate -- --mutant … --trace` writes of the first seed that finds the mistake out. */
export async function failingTrace(): Promise<string> {
  const simulate = await simulationOf(
    mutants.find(({ name }) => name === mistake),
    'pictures',
  )
  for (let seed = 1; seed <= 2_000; seed++) {
    const lines: string[] = []
    const run = await simulate({ seed, trace: (entry) => lines.push(JSON.stringify(entry)) })
    if (run.violation !== undefined) return `${lines.join('\n')}\n`
  }
  throw new Error(`No seed finds out that ${mistake}`)
}
