import { describe, expect, it } from 'vitest'
import type { Log } from '../../src/ports/log.ts'
import { reporting } from '../../src/logging/reporting.ts'

function notedLog() {
  const said: unknown[] = []
  const say = (level: string) => (fact: string, fields?: object) => void said.push([level, fact, fields])
  const [debug, info, warn, error] = [say('debug'), say('info'), say('warn'), say('error')]
  const log: Log = { debug, info, warn, error, always: info, at: () => log }
  return { log, said }
}

describe('a fact that a slot passes on', () => {
  it.each([
    { fact: { type: 'pool.wedged', workers: 2 }, level: 'error' },
    { fact: { type: 'worker.retired', wedged: 1 }, level: 'warn' },
    { fact: { type: 'worker.returned', wedged: 0 }, level: 'info' },
    { fact: { type: 'file.deadLetter', path: 'a.csv', why: 'no' }, level: 'warn' },
    { fact: { type: 'file.delivered', path: 'a.csv' }, level: 'info' },
    { fact: { type: 'file.claimed', path: 'a.csv' }, level: 'debug' },
  ] as const)('is said as $level: $fact.type', async ({ fact, level }) => {
    const { log, said } = notedLog()
    const noted: unknown[] = []
    async function* facts() {
      yield fact
      return 'done'
    }
    const passed = reporting<typeof fact, string>(log, facts(), (each) => noted.push(each))
    expect(await passed.next()).toEqual({ done: false, value: fact })
    expect(await passed.next()).toEqual({ done: true, value: 'done' })
    const { type, ...fields } = fact
    expect([said, noted]).toEqual([[[level, type, fields]], [fact]])
  })
})
