import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { systemClock } from '../../src/adapters/system-clock.ts'
import { milliseconds } from '../../src/domain/units.ts'

describe('the system’s clock', () => {
  it('asks for what should have happened by now at once: of less than that Node 24 warns', async () => {
    const asked = vi.spyOn(globalThis, 'setTimeout')
    onTestFinished(() => asked.mockRestore())
    await new Promise<void>((resolve) => systemClock.setTimeout(resolve, milliseconds(-1_795_943_406_525)))
    expect(asked.mock.calls.map(([, delay]) => delay)).toEqual([0])
  })
})
