import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { replay } from '../../scripts/otp-replay.ts'

const program = {
  strategy: 'one_for_one',
  intensity: 1,
  autoShutdown: 'never',
  specs: [{ id: 'a', restart: 'permanent', significant: false }],
  commands: [['exit', 'a', 'boom']],
}
const answer = {
  start: 'ok',
  boot: [['started', 'a']],
  shutdown: [['stopped', 'a', 'shutdown']],
  steps: [
    {
      result: 'ok',
      events: [
        ['died', 'a', 'boom'],
        ['started', 'a'],
      ],
      children: [['a', 'up']],
    },
  ],
}

async function replayed(lines: readonly string[], check = false) {
  const out: string[] = []
  const err: string[] = []
  const code = await replay({ lines, out: (text) => out.push(text), err: (text) => err.push(text), check })
  return { code, out, err }
}

describe('otp-replay', () => {
  it('prints each program with its answer, one a line, and what else was in it', async () => {
    const { code, out, err } = await replayed([JSON.stringify({ ...program, number: 7 }), '', JSON.stringify(program)])
    expect(out.map((line) => JSON.parse(line) as unknown)).toEqual([
      { ...program, number: 7, expected: answer },
      { ...program, expected: answer },
    ])
    expect({ code, err }).toEqual({ code: 0, err: [] })
  })

  it('prints with --check only those that say otherwise, and ends with 1 if there are any', async () => {
    const right = JSON.stringify({ ...program, expected: answer })
    const wrong = JSON.stringify({ ...program, expected: { ...answer, shutdown: [] } })
    expect(await replayed([right, wrong], true)).toEqual({
      code: 1,
      out: [`${right}\n`],
      err: ['2 programs, 1 of them answered otherwise than they say\n'],
    })
    expect(await replayed([right], true)).toMatchObject({ code: 0, out: [] })
  })

  it('takes any id, as OTP does: the slash and the empty one as well', async () => {
    const specs = ['', '/', '__proto__', '10', '2'].map((id) => ({ id, restart: 'permanent', significant: false }))
    const { out } = await replayed([JSON.stringify({ ...program, specs, commands: [] })])
    const { expected } = JSON.parse(out.join('')) as { readonly expected: unknown }
    expect(expected).toMatchObject({
      start: 'ok',
      boot: [
        ['started', ''],
        ['started', '/'],
        ['started', '__proto__'],
        ['started', '10'],
        ['started', '2'],
      ],
    })
  })

  it('ends in peace when nobody reads its answers any more', async () => {
    const script = fileURLToPath(new URL('../../scripts/otp-replay.ts', import.meta.url))
    const child = spawn(process.execPath, ['--import', 'tsx', script])
    const said = text(child.stderr)
    const ended = once(child, 'exit')
    child.stdout.destroy()
    child.stdin.on('error', () => {})
    child.stdin.end(`${JSON.stringify(program)}\n`.repeat(1_000))
    expect(await ended).toEqual([0, null])
    expect(await said).toBe('')
  })

  it('answers the commands of a batch in order: they wait while it restarts, and come before the next try', async () => {
    const batch = [
      ['exit', 'a', 'boom'],
      ['exit', 'a', 'boom'],
      ['fail_next', 'a', 1],
      ['restart', 'a'],
      ['terminate', 'a'],
      ['delete', 'a'],
    ]
    const { out } = await replayed([JSON.stringify({ ...program, commands: [['batch', batch]] })])
    const { expected } = JSON.parse(out.join('')) as { readonly expected: { readonly steps: unknown } }
    expect(expected.steps).toEqual([
      {
        result: ['ok', 'no_pid', 'ok', 'error:restarting', 'ok', 'ok'],
        events: [
          ['died', 'a', 'boom'],
          ['start_failed', 'a'],
        ],
        children: [],
      },
    ])
  })

  it('answers what contradicts itself as OTP does: it does not start', async () => {
    const twice = { ...program, specs: [...program.specs, ...program.specs] }
    const { out } = await replayed([JSON.stringify(twice)])
    expect(JSON.parse(out.join(''))).toEqual({ ...twice, expected: { start: 'error', boot: [] } })
  })

  it.each([
    ['{"strategy"', /^otp-replay: line 2 is no program: .*JSON/],
    ['[]', /line 2 is no program: the line: expected a program, found \[\]$/m],
    [JSON.stringify({ ...program, intensity: 'x' }), /line 2 is no program: intensity: expected a number, found "x"$/m],
    [
      JSON.stringify({ ...program, specs: [{ id: 'a', restart: 'permanent' }] }),
      /line 2 is no program: specs\[0\]\.significant: expected true or false, found nothing$/m,
    ],
    [
      JSON.stringify({ ...program, commands: [['fail_next', 'a', -1]] }),
      /line 2 is no program: commands\[0\]\[2\]: expected a whole number, 0 or more, found -1$/m,
    ],
    [
      JSON.stringify({ ...program, commands: [['batch', [['batch', []]]]] }),
      /line 2 is no program: commands\[0\]: expected .*, or \["batch", a list of these\], found \["batch",\[\["batch",\[\]\]\]\]$/m,
    ],
    [
      JSON.stringify({
        ...program,
        commands: [
          ['exit', 'a', 'boom'],
          ['explode', 'a'],
        ],
      }),
      /line 2 is no program: commands\[1\]: expected \["exit", id, reason\], .*, found \["explode","a"\]$/m,
    ],
  ])('ends with 1 at a line that is no program, and says what is wrong with it: %s', async (line, complaint) => {
    const { code, out, err } = await replayed([JSON.stringify(program), line, JSON.stringify(program)])
    expect(code).toBe(1)
    expect(out).toHaveLength(1)
    expect(err.join('')).toMatch(complaint)
  })
})
