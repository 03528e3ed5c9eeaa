import { styleText } from 'node:util'
import { describe, expect, it } from 'vitest'
import { printable } from '../../../src/commands/terminal/printable.ts'

describe('what a stranger has said, in a terminal', () => {
  it.each([
    { what: 'a title', text: 'gone\u001b]0;pwned\u0007', shown: 'gone\ufffd]0;pwned\ufffd' },
    { what: 'a cleared screen', text: '\u001b[2Jgone', shown: '\ufffd[2Jgone' },
    { what: 'the same in one character', text: '\u009b2Jgone', shown: '\ufffd2Jgone' },
    { what: 'a line over the line', text: 'failed\rok    ', shown: 'failed\ufffdok    ' },
    { what: 'what is hidden', text: '\u001b[8mfailed', shown: '\ufffd[8mfailed' },
    { what: 'another control with the look of a colour', text: '\u0007[31mgone', shown: '\ufffd[31mgone' },
  ])('commands nothing: $what', ({ text, shown }) => {
    expect(printable(text)).toBe(shown)
  })
})

describe('what a command says by itself', () => {
  it.each([
    'lines\n  of text\twith 10 °C – and ✓\n',
    styleText('red', '✗ failed'),
    styleText('green', '✓ ok'),
    styleText('bold', 'a title'),
    styleText('dim', 'an aside'),
    styleText('gray', 'a time'),
  ])('stays as it is: %j', (text) => {
    expect(printable(text)).toBe(text)
  })
})
