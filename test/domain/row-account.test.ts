import { describe, expect, it } from 'vitest'
import { RowAccount } from '../../src/domain/row-account.ts'

describe('the account of a camera’s rows', () => {
  it('has what was produced queued until it is accepted, refused or failed', () => {
    const account = new RowAccount()
    account.produced(20)
    expect(account.counts).toMatchObject({ produced: 20, queued: 20 })
    account.accepted(8)
    account.refused('queue-full', 3)
    account.refused('writer-down', 2)
    account.failed(4)
    expect(account.counts).toEqual({
      produced: 20,
      accepted: 8,
      refused: { 'queue-full': 3, 'writer-down': 2 },
      failed: 4,
      queued: 3,
    })
  })

  it('gives counts that stay as they were', () => {
    const account = new RowAccount()
    const before = account.counts
    account.produced(1)
    account.refused('queue-full', 1)
    expect(before).toEqual({
      produced: 0,
      accepted: 0,
      refused: { 'queue-full': 0, 'writer-down': 0 },
      failed: 0,
      queued: 0,
    })
  })
})
