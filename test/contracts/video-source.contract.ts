import { expect, it } from 'vitest'
import type { VideoSource } from '../../src/ports/video-source.ts'
import { MemoryFrameSink } from '../fakes/memory-frame-sink.ts'

/** What the port says of every source; `size` is that of the pictures it is to deliver. */
export function videoSourceContract(createSource: () => VideoSource): void {
  const size = { width: 16, height: 8 }

  it('is open once its first picture is in the sink', async () => {
    const source = createSource()
    const sink = new MemoryFrameSink(size)
    const abort = new AbortController()
    await source.open(sink, abort.signal)
    expect(sink.count('picture')).toBeGreaterThanOrEqual(1)
    abort.abort()
    await source.released()
  })

  it('ends as lost when its signal aborts, is released then, and can be opened again', async () => {
    const source = createSource()
    for (let round = 1; round <= 2; round++) {
      const sink = new MemoryFrameSink(size)
      const abort = new AbortController()
      const { ended } = await source.open(sink, abort.signal)
      abort.abort()
      expect(await ended).toMatchObject({ kind: 'lost' })
      await source.released()
      const after = sink.events.length
      await source.released()
      expect(sink.events).toHaveLength(after)
    }
  })

  it('opens nothing for a signal that has aborted', async () => {
    const source = createSource()
    const sink = new MemoryFrameSink(size)
    const reason = new Error('too late')
    await expect(source.open(sink, AbortSignal.abort(reason))).rejects.toBe(reason)
    await source.released()
    expect(sink.events).toEqual([])
  })
}
