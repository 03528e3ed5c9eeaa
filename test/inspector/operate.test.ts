import { afterEach, describe, expect, it, vi } from 'vitest'
import { carryOut, nothingYet, type Progress, toldOf } from '../../inspector/src/carry-out.ts'
import { type Outcome, send } from '../../inspector/src/operate.ts'

afterEach(() => vi.unstubAllGlobals())

const commands = (all: number) => Array.from({ length: all }, (_, at) => ({ path: `/${at + 1}`, confirm: '' }))
const done = (file: number): Outcome => ({ kind: 'done', words: `File ${file} is due at once.` })
const refused = (file: number): Outcome => ({ kind: 'refused', words: `There is no file ${file}.` })
const halted: Outcome = { kind: 'halted', words: 'The daemon does not answer.' }

/** Asks for `all`, is answered so, and is stopped by somebody after `stop`. */
async function ask(all: number, answers: readonly Outcome[], before: Progress = nothingYet, stop = Infinity) {
  const paths: string[] = []
  const one = async ({ path }: { path: string }) => answers[paths.push(path) - 1]!
  const progress = await carryOut(commands(all), before, one, () => paths.length >= stop)
  return { progress, paths, told: toldOf(progress, all) }
}

describe('what is told of commands that were asked one after the other', () => {
  it.each<{ all: number; answers: Outcome[]; stop?: number; isOver: boolean; isGood: boolean; words: string }>([
    { all: 1, answers: [done(1)], isOver: true, isGood: true, words: 'File 1 is due at once.' },
    { all: 1, answers: [refused(1)], isOver: false, isGood: false, words: 'There is no file 1.' },
    { all: 1, answers: [halted], isOver: false, isGood: false, words: 'The daemon does not answer.' },
    { all: 3, answers: [1, 2, 3].map(done), isOver: true, isGood: true, words: 'All 3 are due at once.' },
    { all: 3, answers: [halted], isOver: false, isGood: false, words: 'The daemon does not answer.' },
    {
      ...{ all: 3, answers: [done(1), done(2), halted], isOver: false, isGood: false },
      words: '2 of 3 are done. Then: The daemon does not answer.',
    },
    {
      ...{ all: 3, answers: [done(1), refused(2), halted], isOver: false, isGood: false },
      words: '1 of 3 is done. 1 was not done: There is no file 2. Then: The daemon does not answer.',
    },
    {
      ...{ all: 3, answers: [refused(1), done(2), refused(3)], isOver: true, isGood: false },
      words: '1 of 3 is due at once. 2 were not done: There is no file 1. There is no file 3.',
    },
    {
      ...{ all: 5, answers: [1, 2, 3, 4, 5].map(refused), isOver: true, isGood: false },
      words:
        '0 of 5 are due at once. 5 were not done: There is no file 1. There is no file 2. There is no file 3. The log says why of 2 more.',
    },
    {
      ...{ all: 2, answers: [refused(0), refused(0)], isOver: true, isGood: false },
      words: '0 of 2 are due at once. 2 were not done: There is no file 0.',
    },
    {
      ...{ all: 3, answers: [done(1)], stop: 1, isOver: true, isGood: true },
      words: '1 of 3 is due at once. Nothing was asked of the others.',
    },
    {
      ...{ all: 3, answers: [done(1), refused(2)], stop: 2, isOver: true, isGood: false },
      words: '1 of 3 is due at once. 1 was not done: There is no file 2. Nothing was asked of the others.',
    },
  ])('is “$words”', async ({ all, answers, stop, ...told }) => {
    expect((await ask(all, answers, nothingYet, stop)).told).toEqual(told)
  })
})

describe('commands that are gone on with', () => {
  it('begin with the one of which nobody knows what became, and count those that were done', async () => {
    const { progress } = await ask(3, [done(1), halted])
    const { paths, told } = await ask(3, [done(2), done(3)], progress)
    expect([paths, told.words]).toEqual([['/2', '/3'], 'All 3 are due at once.'])
  })

  it('are asked anew where all were answered', async () => {
    const { progress } = await ask(1, [refused(1)])
    const { paths, told } = await ask(1, [done(1)], progress)
    expect([paths, told.words]).toEqual([['/1'], 'File 1 is due at once.'])
  })
})

describe('the answer to a command', () => {
  it.each([
    [200, { done: 'camera a is paused' }, { kind: 'done', words: 'camera a is paused.' }],
    [404, { error: 'There is no file 7.' }, { kind: 'refused', words: 'There is no file 7.' }],
    [409, { error: 'file 7 is delivered' }, { kind: 'refused', words: 'file 7 is delivered.' }],
    [401, {}, { kind: 'halted', words: 'This is not the operating token.' }],
    [429, { error: 'Too many wrong tokens: wait 2 s.' }, { kind: 'halted', words: 'Too many wrong tokens: wait 2 s.' }],
    [503, {}, { kind: 'halted', words: 'The daemon answers 503.' }],
  ])('%d is told in its words', async (status, body, outcome) => {
    vi.stubGlobal('fetch', async () => Response.json(body, { status }))
    expect(await send({ path: '/', confirm: '' }, 'token')).toEqual(outcome)
  })

  it('is none where nobody is there, and none is waited for where the token cannot be sent', async () => {
    const fetched = vi.fn(() => Promise.reject(new TypeError('Failed to fetch')))
    vi.stubGlobal('fetch', fetched)
    expect(await send({ path: '/', confirm: '' }, 'geheim–Wort')).toEqual({
      ...{ kind: 'halted', words: 'No token has such characters; nothing was sent.' },
    })
    expect(fetched).not.toHaveBeenCalled()
    expect(await send({ path: '/', confirm: '' }, 'token')).toEqual({
      ...{ kind: 'halted', words: 'The daemon does not answer; whether it was done is not known.' },
    })
  })
})
