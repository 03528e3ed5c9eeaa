import { format, inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { Secret } from '../../src/config/secret.ts'

describe('a secret', () => {
  const secret = new Secret('hunter2')

  it('gives its text to whoever asks for it by name', () => {
    expect(secret.reveal()).toBe('hunter2')
  })

  it.each([
    ['a text', String(secret)],
    ['JSON', JSON.stringify({ secret })],
    ['inspect', inspect({ secret }, { showHidden: true, depth: 9 })],
    ['format', format('%s %o %j', secret, secret, secret)],
    ['a spread', JSON.stringify({ ...secret })],
  ])('does not show in %s', (_, shown) => {
    expect(shown).not.toContain('hunter2')
  })

  it('says what it is', () => {
    expect([String(secret), inspect(secret), JSON.stringify(secret)]).toEqual(['[secret]', '[secret]', '"[secret]"'])
  })
})
