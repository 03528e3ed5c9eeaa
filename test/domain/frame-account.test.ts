import { describe, expect, it } from 'vitest'
import { FrameAccount } from '../../src/domain/frame-account.ts'

const none = {
  dropped: { superseded: 0, 'no-slot': 0, 'no-predecessor': 0, unchanged: 0, stopped: 0 },
  failed: { timeout: 0, 'inference-error': 0, 'worker-died': 0, 'cut-off': 0 },
}

describe('the account of a camera’s frames', () => {
  it('has what was captured in flight until it is settled, each by its cause', () => {
    const account = new FrameAccount()
    expect(account.counts).toEqual({ captured: 0, inspected: 0, inFlight: 0, ...none })
    for (let frame = 0; frame < 9; frame++) account.captured()
    expect(account.counts.inFlight).toBe(9)
    account.inspected()
    for (const cause of ['superseded', 'no-slot', 'no-predecessor', 'stopped', 'superseded'] as const)
      account.dropped(cause)
    account.failed('timeout')
    account.failed('worker-died')
    expect(account.counts).toEqual({
      captured: 9,
      inspected: 1,
      dropped: { superseded: 2, 'no-slot': 1, 'no-predecessor': 1, unchanged: 0, stopped: 1 },
      failed: { timeout: 1, 'inference-error': 0, 'worker-died': 1, 'cut-off': 0 },
      inFlight: 1,
    })
  })

  it('gives counts that stay as they were', () => {
    const account = new FrameAccount()
    const before = account.counts
    account.captured()
    account.dropped('stopped')
    expect(before).toEqual({ captured: 0, inspected: 0, inFlight: 0, ...none })
  })
})
