import { Writable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { createPainter } from '../../../src/commands/terminal/painter.ts'
import { hasColour } from '../../../src/commands/terminal/terminal.ts'
import { MemoryTerminal } from '../memory-terminal.ts'

/** A terminal of so many rows, and what is drawn on it. */
const screen = (rows: number) => {
  const drawn: string[] = []
  const write = (chunk: Buffer, _encoding: string, done: () => void) => {
    drawn.push(String(chunk))
    done()
  }
  return { drawn, stream: Object.assign(new Writable({ write }), { rows, columns: 80, isTTY: true }) as never }
}
const terminalWith = (environment: Record<string, string>, isInteractive = true) =>
  Object.assign(new MemoryTerminal('/', environment), { isInteractive })

describe('a painter', () => {
  it('draws over itself on a terminal', () => {
    const { drawn, stream } = screen(24)
    const terminal = terminalWith({ TERM: 'xterm' })
    const painter = createPainter(terminal, stream)
    painter.paint(['a'])
    painter.paint(['b'])
    painter.done()
    expect([painter.draws, drawn.join('').includes('b\n'), terminal.said]).toEqual([true, true, ''])
  })

  it.each([
    { where: 'of no rows, such as a serial console', rows: 0, environment: { TERM: 'vt100' } },
    { where: 'that knows no cursor', rows: 24, environment: { TERM: 'dumb' } },
  ])('says its lines on a terminal $where', ({ rows, environment }) => {
    const { drawn, stream } = screen(rows)
    const terminal = terminalWith(environment)
    const painter = createPainter(terminal, stream)
    painter.paint(['a', 'b'])
    painter.say('c')
    painter.done()
    expect([painter.draws, drawn, terminal.said]).toEqual([false, [], 'a\nb\nc\n'])
  })
})

describe('colours', () => {
  it.each([
    { what: 'a terminal', environment: { TERM: 'xterm', NO_COLOR: '' }, isInteractive: true, has: true },
    { what: 'a pipe', environment: { TERM: 'xterm' }, isInteractive: false, has: false },
    {
      what: 'a terminal of who wants none',
      environment: { TERM: 'xterm', NO_COLOR: '1' },
      isInteractive: true,
      has: false,
    },
    { what: 'a terminal that has none', environment: { TERM: 'dumb' }, isInteractive: true, has: false },
  ])('are for a terminal that has them, unless NO_COLOR is set: $what', ({ environment, isInteractive, has }) => {
    expect(hasColour(terminalWith(environment, isInteractive))).toBe(has)
  })
})
