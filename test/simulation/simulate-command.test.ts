import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { readRecording } from '../../src/inspection-feed/recording.ts'
import { episodesOf } from '../inspector/episodes-of.ts'
import { mutants } from './mutants.ts'
import { simulate } from './simulate.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'belay-simulate-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Ended {
  readonly code: number
  readonly out: string
}

/** In a process of its own. */
const npmRunSimulate = (...options: readonly string[]): Promise<Ended> =>
  new Promise((resolve) => {
    const command = ['--import', 'tsx', 'scripts/simulate.ts', ...options]
    execFile(process.execPath, command, { cwd: root }, (error, out, err) =>
      resolve({ code: error === null ? 0 : Number(error.code), out: out + err }),
    )
  })

describe('npm run simulate', () => {
  it('prints what has been met, how often, and how fast', { timeout: 120_000 }, async () => {
    const { code, out } = await npmRunSimulate('--seeds', '6', '--from', '3', '--jobs', '2')
    expect(out).toMatch(/^actor +state +events +faults +times$/m)
    expect(out).toMatch(/^root\/uploader +delivering +\d+ +\d+ +\d+$/m)
    // Of six runs, none has met every fault there is.
    expect(out).toMatch(/^faults never met:\n( {2}.+\n)* {2}root\/csv-writer writing: .*\bdisk\.write .+$/m)
    expect(out).toMatch(
      /^6 runs of \d+ steps, \d+ a second a core, \d+ combinations of actor, state and event or fault$/m,
    )
    expect(code).toBe(0)
  })

  it('writes the same trace for the same seed in whatever process, to the byte', { timeout: 120_000 }, async () => {
    const files = ['one.jsonl', 'other.jsonl'].map((name) => join(folder, name))
    for (const file of files) {
      const { out } = await npmRunSimulate('--seed', '42', '--trace', file)
      expect(out).toMatch(/^seed 42: every invariant held for \d+ steps$/m)
    }
    const here: string[] = []
    await simulate({ seed: 42, trace: (entry) => here.push(`${JSON.stringify(entry)}\n`) })
    const traces = files.map((file) => readFileSync(file, 'utf8'))
    expect(traces).toEqual([here.join(''), here.join('')])
    // The page takes all of it.
    expect(readRecording(here.join('')).records).toHaveLength(here.length - 1)
  })

  it(
    'ends with 1 where an invariant is violated, and prints a command that repeats it',
    { timeout: 240_000 },
    async () => {
      const mutant = mutants.find(({ name }) => name.startsWith('boots are not counted'))
      if (mutant === undefined) throw new Error('There is no such mutant any more')
      const { code, out } = await npmRunSimulate('--seeds', '60', '--mutant', mutant.name)
      expect(code).toBe(1)
      const shown = new RegExp(
        `^seed \\d+ violates: ${mutant.breaks}\\n.*\\n {2}(\\d+) choices are enough:\\n {2}npm run simulate -- (.*)$`,
        'gm',
      )
      // There are several ways to one mistake, and not each is short, or breaks what it mostly does.
      const [shortest] = [...out.matchAll(shown)].sort((a, b) => Number(a[1]) - Number(b[1]))
      const [, choices, command = ''] = shortest ?? []
      expect(Number(choices)).toBeLessThanOrEqual(4)
      const [, tape = ''] = /--tape (\S+)/.exec(command) ?? []
      expect(command).toBe(`--tape ${tape} --mutant '${mutant.name}' --trace trace.jsonl`)
      const trace = join(folder, 'again.jsonl')
      const again = await npmRunSimulate('--tape', tape, '--mutant', mutant.name, '--trace', trace)
      expect(again.code).toBe(1)
      expect(again.out).toContain(`the tape violates: ${mutant.breaks}`)
      // The page opens it, and marks what was violated.
      const { header, records } = readRecording(readFileSync(trace, 'utf8'))
      expect(header.source).toBe('simulation')
      const marks = episodesOf({ before: header.actors, records }).filter(({ kind }) => kind === 'violation')
      expect(marks).toMatchObject([{ label: mutant.breaks }])
    },
  )
})
