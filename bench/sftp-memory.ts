import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/**
 * V8's young generation has its full size from the beginning, and keeps it. By itself it grows from 1 to 16 MB a half while it is used,
 * which is tens of megabytes that nobody holds on to.
 */
const youngGeneration = ['--min-semi-space-size=16', '--max-semi-space-size=16']

/** Runs this very program once more with `word`, in a process of its own, and parses what it prints. */
export async function apart(word: string): Promise<object> {
  const [program = ''] = process.argv.slice(1)
  const { stdout } = await promisify(execFile)(process.execPath, [
    ...process.execArgv,
    ...youngGeneration,
    program,
    word,
  ])
  return JSON.parse(stdout) as object
}

/** What may grow, in megabytes. */
interface Memory {
  readonly resident: number
  /** On V8's heap and in buffers, once all that nobody holds on to has been collected. */
  readonly inUse: number
}

/**
 * Memory when 1,000 files have been delivered, 10,000 more, and 10,000 more again. `ratio` is that after the first 10,000 ÷ that after
 * the 1,000, of what has grown more: all that is resident, or what is in use. The second sees what the first cannot: 1 kB kept of
 * each file is a tenth of the first, and as much again of the second. `second` is the same of the second 10,000.
 */
export async function memory(deliver: (files: number, measure: () => void) => Promise<void>): Promise<object> {
  const after = async (files: number): Promise<Memory> => {
    let found: Memory = { resident: NaN, inUse: NaN }
    await deliver(files, () => (found = measured()))
    return found
  }
  const [after1000, after11000, after21000] = [await after(1_000), await after(10_000), await after(10_000)]
  const grown = (from: Memory, to: Memory): number => Math.max(to.resident / from.resident, to.inUse / from.inUse)
  return {
    after: { after1000, after11000, after21000 },
    ratio: grown(after1000, after11000),
    second: grown(after11000, after21000),
  }
}

function measured(): Memory {
  const resident = megabytes(process.memoryUsage().rss)
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  // What the first finds to be finalized, the second frees.
  collect()
  collect()
  const { heapUsed, external } = process.memoryUsage()
  return { resident, inUse: megabytes(heapUsed + external) }
}

const megabytes = (bytes: number): number => Math.round(bytes / 1e5) / 10
