import { describe, expect, it } from 'vitest'
import { Signals } from '../../../src/commands/terminal/signals.ts'
import type { Signal } from '../../../src/commands/terminal/terminal.ts'

const start = () => {
  const signals = new Signals()
  const heard: Signal[] = []
  return { signals, heard, listen: () => signals.listen((signal) => heard.push(signal)) }
}

describe('the signals of the process', () => {
  it('are kept until somebody listens, and heard each time', () => {
    const { signals, heard, listen } = start()
    signals.came('SIGHUP')
    signals.came('SIGINT')
    listen()
    expect(heard).toEqual(['SIGHUP', 'SIGINT'])
    for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM'] as const) signals.came(signal)
    expect(heard).toEqual(['SIGHUP', 'SIGINT', 'SIGHUP', 'SIGINT', 'SIGTERM'])
  })

  it('have one more where nobody reads any more, and one alone', () => {
    const { signals, heard, listen } = start()
    listen()
    signals.unread()
    signals.unread()
    expect(heard).toEqual(['SIGTERM'])
  })

  it.each([
    { first: 'SIGHUP', heard: ['SIGHUP'] },
    { first: 'the words', heard: ['SIGTERM'] },
  ])('tell a terminal that is lost once, by whatever comes first: $first', ({ first, heard: expected }) => {
    const { signals, heard, listen } = start()
    listen()
    if (first === 'SIGHUP') signals.came('SIGHUP')
    signals.unread()
    if (first !== 'SIGHUP') signals.came('SIGHUP')
    expect(heard).toEqual(expected)
    // Who presses Ctrl-C means it.
    signals.came('SIGINT')
    expect(heard).toEqual([...expected, 'SIGINT'])
  })
})
