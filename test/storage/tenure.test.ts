import { describe, expect, it } from 'vitest'
import { WriterLedger } from '../../src/storage/writer-ledger.ts'
import { MemoryDisk } from '../fakes/memory-disk.ts'
import { settle } from '../fakes/virtual-clock.ts'

const never = new AbortController().signal

describe('the disk in the hands of one writer', () => {
  it('is given to the next one when it is let go', async () => {
    const ledger = new WriterLedger()
    const first = await ledger.takeOver(new MemoryDisk(), never)
    let isGiven = false
    const second = ledger.takeOver(new MemoryDisk(), never).then(() => (isGiven = true))
    await settle()
    expect(isGiven).toBe(false)
    first.end()
    await second
    expect(isGiven).toBe(true)
  })

  it('takes no call once it has been let go', async () => {
    const tenure = await new WriterLedger().takeOver(new MemoryDisk(), never)
    tenure.end()
    await expect(tenure.disk.list('.')).rejects.toEqual(new Error('The disk was used after it had been let go'))
  })

  it('gives no answer that comes after the stop, and is over only then', async () => {
    const disk = new MemoryDisk()
    const stop = new AbortController()
    let answer = (): void => undefined
    disk.onCall = () => ({ hang: true, until: new Promise<void>((resolve) => (answer = resolve)) })
    const ledger = new WriterLedger()
    const tenure = await ledger.takeOver(disk, stop.signal)
    const made = tenure.disk.create('a')
    stop.abort(new Error('stopped'))
    let isOver = false
    void tenure.over.then(() => (isOver = true))
    await settle()
    expect(isOver).toBe(false)
    disk.onCall = () => undefined
    answer()
    await expect(made).rejects.toEqual(new Error('stopped'))
    await settle()
    expect(isOver).toBe(true)
    expect(disk.calls.map(({ kind }) => kind)).toEqual(['create', 'close'])
  })

  it('closes what was left open, once', async () => {
    const disk = new MemoryDisk()
    const tenure = await new WriterLedger().takeOver(disk, never)
    await tenure.disk.create('a')
    await (await tenure.disk.create('b')).close()
    tenure.end()
    await tenure.over
    expect(disk.calls.filter(({ kind }) => kind === 'close').map(({ path }) => path)).toEqual(['b', 'a'])
  })

  it('is not waited for by a writer that is stopped meanwhile, nor is that one skipped', async () => {
    const ledger = new WriterLedger()
    const first = await ledger.takeOver(new MemoryDisk(), never)
    const stop = new AbortController()
    const second = ledger.takeOver(new MemoryDisk(), stop.signal)
    let isGiven = false
    void ledger.takeOver(new MemoryDisk(), never).then(() => (isGiven = true))
    stop.abort(new Error('stopped'))
    await expect(second).rejects.toEqual(new Error('stopped'))
    await settle()
    expect(isGiven).toBe(false)
    first.end()
    await settle()
    expect(isGiven).toBe(true)
  })
})
