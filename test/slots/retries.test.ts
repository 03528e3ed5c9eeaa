import { createActor } from 'xstate'
import { describe, expect, it } from 'vitest'
import { backoffDelay } from '../../src/domain/backoff.ts'
import { SftpUnreachableError } from '../../src/domain/delivery-errors.ts'
import { minutes } from '../../src/domain/units.ts'
import { type DeliveryFact, type DeliveryInput, uploaderMachine } from '../../src/machines/uploader-machine.ts'
import { after, retries } from '../../src/slots/retries.ts'
import { scriptedEvents } from '../fakes/scripted-events.ts'
import { VirtualClock } from '../fakes/virtual-clock.ts'

/** The waits between so many tries to reach a server that is away, on the virtual clock. */
async function waits(tries: number, random: () => number): Promise<number[]> {
  const clock = new VirtualClock()
  const delivery = scriptedEvents<DeliveryFact, { left: number }, DeliveryInput>()
  const uploader = createActor(
    uploaderMachine.provide({
      actors: { deliverDue: delivery.logic },
      delays: { reconnectDelay: after(retries.server, random), probeDelay: minutes(1) },
    }),
    { clock, input: { server: 'customer.example:22' } },
  )
  uploader.start()
  const found: number[] = []
  for (let count = 0; count < tries; count++) {
    await delivery.fail(new SftpUnreachableError('customer.example:22', 'ECONNREFUSED'))
    const failedAt = clock.monotonic()
    clock.fireNext()
    await clock.advanceAsync(0)
    expect(uploader.getSnapshot().value).toEqual({ online: 'connecting' })
    found.push(clock.monotonic() - failedAt)
  }
  uploader.stop()
  return found
}

describe('a server that is away', () => {
  it('is tried again after at most 1 s, doubling to 5 minutes, for ever', async () => {
    const longest = await waits(400, () => 0)
    expect(longest.slice(0, 11)).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300].map((count) => count * 1000))
    expect(new Set(longest.slice(10))).toEqual(new Set([300_000]))
  })

  it.each([0.25, 0.5, 0.999])('is tried after a wait that is all left to chance: %f', async (chance) => {
    const [first, , , , , , , , , tenth] = await waits(10, () => chance)
    expect([first, tenth]).toEqual([Math.round(1000 * (1 - chance)), Math.round(300_000 * (1 - chance))])
  })

  it('makes a file that failed wait by the same schedule', () => {
    expect(retries.file).toEqual(retries.server)
  })
})

describe('a server that refuses us, is not the pinned one, or is full', () => {
  it.each([
    [0, 60_000],
    [0.5, 54_000],
    [0.999, 48_012],
  ])('is asked again about every minute: chance %f', (chance, wait) => {
    expect(backoffDelay(retries.refusal, 1, chance)).toBe(wait)
  })
})
