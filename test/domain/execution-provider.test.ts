import { describe, expect, it } from 'vitest'
import { declineReason, providersToTry } from '../../src/domain/execution-provider.ts'

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

describe('the reason why a provider cannot be had', () => {
  it.each([
    { error: new Error('no device\n    at Create (webgpu.cc:7)\n'), reason: 'no device at Create (webgpu.cc:7)' },
    { error: 'no library', reason: 'no library' },
    { error: new Error('x'.repeat(301)), reason: 'x'.repeat(300) },
  ])('is one line: $reason', ({ error, reason }) => {
    expect(declineReason(error)).toBe(reason)
  })
})
