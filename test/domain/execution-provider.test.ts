import { describe, expect, it } from 'vitest'
import { providersToTry } from '../../src/domain/execution-provider.ts'

describe('the providers that are tried', () => {
  it.each([
    { asked: [], tried: ['cpu'] },
    { asked: ['cpu'], tried: ['cpu'] },
    { asked: ['cuda', 'tensorrt'], tried: ['cuda', 'tensorrt', 'cpu'] },
    { asked: ['cpu', 'cuda', 'cuda'], tried: ['cuda', 'cpu'] },
  ] as const)('are $tried when $asked is asked for: each once, the processor last', ({ asked, tried }) => {
    expect(providersToTry(asked)).toEqual(tried)
  })
})
