import { describe, expect, it, onTestFinished } from 'vitest'
import { systemClock } from '../../src/adapters/system-clock.ts'
import { milliseconds } from '../../src/domain/units.ts'

describe('the system’s clock', () => {
  it('takes what should have happened by now as due at once, and Node 24 has nothing to say about it', async () => {
    const warnings: string[] = []
    const hear = ({ name }: Error) => void warnings.push(name)
    process.on('warning', hear)
    onTestFinished(() => void process.off('warning', hear))
    await new Promise<void>((resolve) => systemClock.setTimeout(resolve, milliseconds(-1_795_943_406_525)))
    expect(warnings).toEqual([])
  })
})
