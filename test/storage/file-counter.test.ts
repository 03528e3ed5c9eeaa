import { describe, expect, it } from 'vitest'
import { perState } from '../../src/domain/file-state.ts'
import { ManifestFailedError } from '../../src/domain/manifest-errors.ts'
import { epochMs } from '../../src/domain/units.ts'
import { FileCounter } from '../../src/storage/file-counter.ts'
import { MemoryManifest } from '../fakes/memory-manifest.ts'
import { settle, VirtualClock } from '../fakes/virtual-clock.ts'

const file = (name: string) => ({
  path: `dock-1/model/${name}.csv`,
  bytes: 10,
  sha256: name.padEnd(64, '0'),
  rows: 3,
  priority: 5,
})

const nobodyErrs = (error: unknown): void => {
  throw error
}

async function startCounter() {
  const clock = new VirtualClock()
  const manifest = new MemoryManifest()
  await manifest.beginBoot(clock.now())
  const counter = new FileCounter(clock)
  await counter.attach(manifest, nobodyErrs)
  return { clock, manifest, counter, pending: () => counter.counts.files.pending }
}

describe('the counts of files', () => {
  it('are there at once for what the manifest held before', async () => {
    const clock = new VirtualClock()
    const manifest = new MemoryManifest()
    await manifest.add(file('a'), epochMs(1_000))
    const counter = new FileCounter(clock)
    await counter.attach(manifest, nobodyErrs)
    expect(counter.counts).toMatchObject({ files: { pending: 1, delivered: 0 }, rows: { pending: 3 } })
    expect(counter.counts.oldestUndelivered).toBe(1_000)
  })

  it('follow a change, and changes that come together with one look', async () => {
    const { clock, manifest, counter, pending } = await startCounter()
    await manifest.add(file('a'), epochMs(0))
    counter.changed()
    await clock.advanceAsync(0)
    expect(pending()).toBe(1)
    await manifest.add(file('b'), epochMs(0))
    counter.changed()
    await clock.advanceAsync(249)
    expect(pending()).toBe(1)
    await clock.advanceAsync(1)
    expect(pending()).toBe(2)
  })

  it('follow files that are on their way without being told, and rest when none is', async () => {
    const { clock, manifest, counter, pending } = await startCounter()
    await manifest.add(file('a'), clock.now())
    counter.changed()
    await clock.advanceAsync(0)
    const [entry] = await manifest.claim(1, clock.now())
    await manifest.delivered(entry?.id ?? 0, clock.now())
    await clock.advanceAsync(1_999)
    expect(pending()).toBe(1)
    await clock.advanceAsync(1)
    expect(counter.counts.files).toMatchObject({ pending: 0, delivered: 1 })
    await clock.advanceAsync(10_000)
    expect(clock.pending).toBe(0)
  })

  it('follow what another program does about files that are set aside, within a minute', async () => {
    const clock = new VirtualClock()
    const manifest = new MemoryManifest()
    await manifest.beginBoot(clock.now())
    await manifest.add(file('a'), clock.now())
    const [entry] = await manifest.claim(1, clock.now())
    await manifest.refuse(entry?.id ?? 0, 'changed', clock.now())
    const counter = new FileCounter(clock)
    await counter.attach(manifest, nobodyErrs)
    expect(counter.counts.files.refused).toBe(1)
    await clock.advanceAsync(90_000)
    await manifest.giveUp(entry?.id ?? 0, 'lost', clock.now())
    await clock.advanceAsync(29_999)
    expect(counter.counts.files.refused).toBe(1)
    await clock.advanceAsync(1)
    expect(counter.counts.files.refused).toBe(0)
    await clock.advanceAsync(2_000)
    expect(clock.pending).toBe(0)
  })

  it('leave no timer behind when the manifest is let go amid a count', async () => {
    const { clock, manifest, counter } = await startCounter()
    await manifest.add(file('a'), clock.now())
    counter.changed()
    await counter.release()
    await clock.advanceAsync(0)
    expect(clock.pending).toBe(0)
  })

  it('tell whoever has opened the manifest of an error that nobody expects, and count on at the next change', async () => {
    const clock = new VirtualClock()
    const manifest = new MemoryManifest()
    const counter = new FileCounter(clock)
    const bugs: unknown[] = []
    await counter.attach(manifest, (error) => bugs.push(error))
    const counts = manifest.counts.bind(manifest)
    const bug = new TypeError('no such table')
    manifest.counts = () => Promise.reject(bug)
    counter.changed()
    await clock.advanceAsync(0)
    expect(bugs).toEqual([bug])
    manifest.counts = counts
    await manifest.add(file('a'), clock.now())
    counter.changed()
    await clock.advanceAsync(0)
    expect(counter.counts.files.pending).toBe(1)
  })

  it('are let go only when every question is answered, though one of them has failed', async () => {
    const { manifest, counter } = await startCounter()
    let answer: (rows: Awaited<ReturnType<MemoryManifest['rowCounts']>>) => void = () => undefined
    manifest.counts = () => Promise.reject(new ManifestFailedError('belay.db', 'counts', 'SQLITE_IOERR'))
    manifest.rowCounts = () => new Promise((resolve) => (answer = resolve))
    let isReleased = false
    const released = counter.release().then(() => (isReleased = true))
    await settle()
    expect(isReleased).toBe(false)
    answer(perState(() => 0))
    await released
  })

  it('are taken one last time before the manifest is let go', async () => {
    const { clock, manifest, counter } = await startCounter()
    await manifest.add(file('a'), clock.now())
    await counter.release()
    expect(counter.counts.files.pending).toBe(1)
  })
})
