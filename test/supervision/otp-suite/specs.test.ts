import { describe, expect, it } from 'vitest'
import { type ChildSpec, createSupervisor, run, startChild, startInstance } from '../../../src/supervision/index.ts'
import { problemOf, start, startLink, startLinkSimple, startOne, which } from './support.ts'

const begin = () => run(createSupervisor({}))
const child = { id: 'child', start: begin }

/** What is wrong with each of `specs`, whether it comes with `start_child` or is there from the beginning. */
async function problems(specs: readonly unknown[]): Promise<readonly (string | undefined)[]> {
  const stage = startLink()
  const found: (string | undefined)[] = []
  for (const spec of specs) {
    const reply = await startChild(stage.supervisor, spec as ChildSpec)
    const asked = reply.ok || reply.error !== 'bad_spec' ? undefined : reply.problem
    expect(problemOf({ children: [spec] })).toBe(asked)
    found.push(asked)
  }
  // None of them was added, and the supervisor is none the worse.
  expect(which(stage.supervisor)).toEqual([])
  expect(await start(stage, 'sound')).toBe('ok')
  return found
}

// A specification is an object, so OTP's tuples and maps are the same here. There are no modules in it.
describe('child specifications', () => {
  it('child_specs', async () => {
    expect(
      await problems([
        'hej',
        { ...child, start: 'mfa' },
        { ...child, restart: 'prmanent' },
        { ...child, shutdown: -10 },
        { ...child, type: 'wrker' },
      ]),
    ).toEqual([
      "a child's specification is hej; expected an object",
      'child: start is mfa; expected a function',
      'child: restart is prmanent; expected permanent, transient, temporary',
      'child: shutdown is -10; expected ms, infinity or brutal_kill',
      'child: type is wrker; expected worker, supervisor',
    ])
    for (const restart of ['permanent', 'transient', 'temporary']) {
      for (const shutdown of [0, 1_000, 'infinity', 'brutal_kill']) {
        for (const type of ['supervisor', 'worker'])
          expect(problemOf({ children: [{ ...child, restart, shutdown, type }] })).toBe(undefined)
      }
    }
    expect(problemOf({ children: [child, { ...child, shutdown: 1_000 }] })).toBe('two children are called child')

    const strategy = 'simple_one_for_one'
    expect(problemOf({ strategy, children: [{ ...child, restart: 'prmanent' }] })).toBe(
      'child: restart is prmanent; expected permanent, transient, temporary',
    )
    expect(problemOf({ strategy, children: [] })).toBe('simple_one_for_one has exactly one template; 0 were given')
    expect(problemOf({ strategy, children: [child, { ...child, id: 'other' }] })).toBe(
      'simple_one_for_one has exactly one template; 2 were given',
    )

    // In OTP both are `start_child`, and what doesn't fit is a bad argument.
    const plain = startLink()
    expect(await startInstance(plain.supervisor, undefined, 'child')).toEqual({
      ok: false,
      error: 'bad_spec',
      problem: 'this supervisor has no template to make a child from',
    })
    expect(which(plain.supervisor)).toEqual([])
    const simple = startLinkSimple()
    expect(await startChild(simple.supervisor, { ...child, id: 'other' })).toEqual({
      ok: false,
      error: 'bad_spec',
      problem: 'the children of this supervisor are made from its template child',
    })
    expect(await startInstance(simple.supervisor, undefined, 'a/b')).toEqual({
      ok: false,
      error: 'bad_spec',
      problem: 'child id "a/b" is empty or holds a slash, which separates the parts of a path',
    })
    expect(await startInstance(simple.supervisor, undefined, 'child')).toEqual({
      ok: false,
      error: 'bad_spec',
      problem: "child is the template's name; no child made from it can have it",
    })
    expect(await startOne(simple, 'one')).toBe('ok')
    expect(which(simple.supervisor)).toEqual([['one', 1]])
  })

  it('child_specs_map', async () => {
    expect(
      await problems([
        {},
        { id: 'child' },
        { start: begin },
        { ...child, start: 'mfa' },
        { ...child, restart: 'prmanent' },
        { ...child, shutdown: -10 },
        { ...child, type: 'wrker' },
        { ...child, significant: 'maybe' },
        { ...child, restart: 'transient', significant: true },
      ]),
    ).toEqual([
      "a child's id is undefined; expected a string",
      'child: start is undefined; expected a function',
      "a child's id is undefined; expected a string",
      'child: start is mfa; expected a function',
      'child: restart is prmanent; expected permanent, transient, temporary',
      'child: shutdown is -10; expected ms, infinity or brutal_kill',
      'child: type is wrker; expected worker, supervisor',
      'child: significant is maybe; expected true or false',
      'child is significant, but autoShutdown is never',
    ])
    expect(problemOf({ children: [child, child] })).toBe('two children are called child')

    const without = (spec: object) =>
      Object.fromEntries(Object.entries(spec).filter(([, value]) => value !== undefined))
    for (const autoShutdown of [undefined, 'never', 'any_significant', 'all_significant']) {
      for (const restart of [undefined, 'permanent', 'transient', 'temporary']) {
        for (const significant of [undefined, true, false]) {
          const neverEnds = autoShutdown === undefined || autoShutdown === 'never'
          const expected =
            significant !== true
              ? undefined
              : neverEnds
                ? 'child is significant, but autoShutdown is never'
                : restart === undefined || restart === 'permanent'
                  ? 'child is significant, but permanent: it never ends'
                  : undefined
          for (const shutdown of [undefined, 0, 1_000, 'infinity', 'brutal_kill']) {
            for (const type of [undefined, 'supervisor', 'worker']) {
              for (const dummy of [undefined, 'dummy']) {
                const spec = without({ ...child, restart, shutdown, type, significant, dummy })
                expect(problemOf(without({ autoShutdown, children: [spec] }))).toBe(expected)
              }
            }
          }
        }
      }
    }
  })
})

describe('the flags', () => {
  it('sup_flags', () => {
    const problems = [
      { strategy: 'none_for_one' },
      { intensity: Infinity },
      { intensity: -1 },
      { period: 0 },
      { period: Infinity },
      { autoShutdown: 'sometimes' },
    ].map(problemOf)
    expect(problems).toEqual([
      'strategy is none_for_one; expected one_for_one, one_for_all, rest_for_one, simple_one_for_one',
      'intensity is Infinity; expected a whole number, 0 or more',
      'intensity is -1; expected a whole number, 0 or more',
      'period is 0 ms; expected more than 0 and an end',
      'period is Infinity ms; expected more than 0 and an end',
      'autoShutdown is sometimes; expected never, any_significant, all_significant',
    ])
    for (const sound of [{ intensity: 0 }, { period: 1 }, { sillyFlag: true }]) {
      expect(problemOf(sound)).toBe(undefined)
    }
  })
})
