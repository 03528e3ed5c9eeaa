import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** In a process of its own: what it says, and how it ends. */
const run = (script: string, options: readonly string[]): Promise<{ code: unknown; out: string; err: string }> =>
  new Promise((resolve) => {
    execFile(process.execPath, ['--import', 'tsx', script, ...options], { cwd: root }, (error, out, err) =>
      resolve({ code: error === null ? 0 : error.code, out, err }),
    )
  })

describe('a script with a command line that is wrong', () => {
  it.each([
    ['scripts/otp-replay.ts', ['--chekc'], "otp-replay: Unknown option '--chekc'; expected --check"],
    ['scripts/simulate.ts', ['--seeds', '0'], 'simulate: --seeds 0: expected a whole number, 1 or more'],
    [
      'scripts/simulate.ts',
      ['--tape', '1:x'],
      'simulate: --tape 1:x: "1:x" is no choice of a tape: expected POSITION:CHOICE, as in 12:3,40:1',
    ],
    [
      'scripts/soak.ts',
      ['--cameras', '3'],
      'soak: --reconnects 10000: expected a multiple of 30, which is 10 rounds of --cameras 3',
    ],
    [
      'scripts/torture.ts',
      ['--seed'],
      "torture: Option '--seed <value>' argument missing; expected --rounds VALUE, --seed VALUE",
    ],
    [
      'bench/main.ts',
      ['--only', 'trhoughput'],
      'bench: --only trhoughput: expected throughput, latency, scale, fairness, feed, preview, page, idle, memory, recovery, batches, firstFrame, pipes, sftp, manifest, csv or supervision',
    ],
  ])('%s %s says so in a line, and ends with 64', async (script, options, line) => {
    expect(await run(script, options)).toEqual({ code: 64, out: '', err: `${line}\n` })
  })
})

it('a script that is asked for help says its options, with what they are unless given', async () => {
  expect(await run('scripts/soak.ts', ['--cameras', '3', '--help'])).toEqual({
    code: 0,
    err: '',
    out: 'usage: npm run --silent soak -- [OPTION]…\n  --reconnects VALUE (10000)\n  --cameras VALUE (4)\n  --write\n',
  })
})
