import { once } from 'node:events'
import { type AddressInfo, createServer, type LookupFunction } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { shareLookups } from '../../../src/adapters/system-lookup.ts'
import { knock } from '../../../src/adapters/video/knock.ts'
import { VirtualClock } from '../../fakes/virtual-clock.ts'

const never = new AbortController().signal

describe('a knock at a camera', () => {
  it('of a name that no name server answers for is given up after 10 s, and its lookup is not asked for again', async () => {
    const clock = new VirtualClock()
    const asked: string[] = []
    const lookup = shareLookups((host) => void asked.push(host))
    for (let knocks = 0; knocks < 20; knocks++) {
      const answer = knock('rtsp://camera.plant/1', { clock, signal: never, lookup })
      await clock.advanceAsync(9_999)
      expect(clock.pending).toBe(1)
      await clock.advanceAsync(1)
      expect(await answer).toBe('nobody answers at camera.plant:554: no name server says where that is (10 s)')
      expect(clock.pending).toBe(0)
    }
    expect(asked).toEqual(['camera.plant'])
  })

  it('at an address that swallows it is given up after 10 s', async () => {
    const clock = new VirtualClock()
    const answer = knock('rtsp://127.0.0.1:9/1', { clock, signal: never })
    // Before this process can hear of it, whatever the address does.
    clock.advance(10_000)
    expect(await answer).toBe('nobody answers at 127.0.0.1:9: timed out (10 s)')
  })

  it('finds who is there by a name', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    onTestFinished(() => void server.close())
    await once(server, 'listening')
    const lookup: LookupFunction = (_, __, answer) => answer(null, [{ address: '127.0.0.1', family: 4 }])
    const clock = new VirtualClock()
    const { port } = server.address() as AddressInfo
    expect(await knock(`rtsp://camera.plant:${port}/1`, { clock, signal: never, lookup })).toBeUndefined()
    expect(clock.pending).toBe(0)
  })
})
