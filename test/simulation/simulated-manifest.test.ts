import { describe, expect, it } from 'vitest'
import type { SealedFile } from '../../src/domain/sealed-file.ts'
import { epochMs } from '../../src/domain/units.ts'
import type { Manifest } from '../../src/ports/manifest.ts'
import { HeldCalls } from './held-calls.ts'
import { openSimulatedManifest } from './simulated-manifest.ts'
import { Estate } from './simulated-process.ts'

const at = epochMs(0)
const file = (path: string): SealedFile => ({ path, bytes: 1, sha256: path, rows: 1, priority: 5 })

/** Answers the one call that waits: well, or by the fault of that name. */
async function answered<Answer>(calls: HeldCalls, call: Promise<Answer>, fault?: string): Promise<Answer> {
  // What was asked for in this turn has become a transaction.
  await new Promise((resolve) => process.nextTick(resolve))
  const found = calls.waiting[0]?.faults.find(({ name }) => name === fault)
  if (fault !== undefined && found === undefined) throw new Error(`No fault ${fault}`)
  calls.settle(0, found)
  return call
}

async function open(estate: Estate): Promise<{ manifest: Manifest; calls: HeldCalls }> {
  const calls = new HeldCalls()
  return { manifest: await answered(calls, openSimulatedManifest(estate, calls)), calls }
}

const paths = ({ manifest }: Estate): string[] => manifest.entries.map(({ path }) => path)
const inLog = 'SQLITE_IOERR_FSYNC, though in the log'

describe('a change that is reported as failed although all of it is in the log', () => {
  async function startWithOne(): Promise<{ estate: Estate; manifest: Manifest; calls: HeldCalls }> {
    const estate = new Estate()
    estate.isInLog = () => true
    const { manifest, calls } = await open(estate)
    await expect(answered(calls, manifest.add(file('a'), at), inLog)).rejects.toMatchObject({
      sqliteCode: 'SQLITE_IOERR_FSYNC',
    })
    return { estate, manifest, calls }
  }

  it('is not seen by whoever has the manifest open', async () => {
    const { estate, manifest, calls } = await startWithOne()
    expect(await answered(calls, manifest.has('a'))).toBe(false)
    expect(paths(estate)).toEqual([])
  })

  it('is found by whoever opens it next, where the log has it', async () => {
    const { estate } = await startWithOne()
    await open(estate)
    expect(paths(estate)).toEqual(['a'])
  })

  it('is lost with a log that was not synced', async () => {
    const { estate } = await startWithOne()
    estate.isInLog = () => false
    await open(estate)
    estate.isInLog = () => true
    await open(estate)
    expect(paths(estate)).toEqual([])
  })

  it('gives its place in the log to the next change, but not to a call that changes nothing', async () => {
    const { estate, manifest, calls } = await startWithOne()
    await answered(calls, manifest.release(at))
    expect(estate.unseen).toBeDefined()
    await answered(calls, manifest.add(file('b'), at))
    await open(estate)
    expect(paths(estate)).toEqual(['b'])
  })

  it('is gone once the manifest was closed', async () => {
    const { estate, manifest, calls } = await startWithOne()
    await answered(calls, manifest.close())
    await open(estate)
    expect(paths(estate)).toEqual([])
  })
})

describe('a transaction that is reported as failed although all of it is in the log', () => {
  it('is found whole by whoever opens it next', async () => {
    const estate = new Estate()
    estate.isInLog = () => true
    const { manifest, calls } = await open(estate)
    const asked = Promise.allSettled([manifest.add(file('a'), at), manifest.has('a'), manifest.add(file('b'), at)])
    const results = await answered(calls, asked, inLog)
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
    expect(paths(estate)).toEqual([])
    await open(estate)
    expect(paths(estate)).toEqual(['a', 'b'])
  })
})

describe('a manifest on a disk that is full', () => {
  it('refuses each change until there is room, and answers questions', async () => {
    const estate = new Estate()
    const { manifest, calls } = await open(estate)
    estate.disk.put('ballast', 'x')
    estate.disk.capacity = 1
    await expect(answered(calls, manifest.add(file('a'), at))).rejects.toMatchObject({ sqliteCode: 'SQLITE_FULL' })
    expect(await answered(calls, manifest.has('a'))).toBe(false)
    await expect(open(estate)).rejects.toMatchObject({ sqliteCode: 'SQLITE_FULL' })
    estate.disk.capacity = 2
    await answered(calls, manifest.add(file('a'), at))
    expect(paths(estate)).toEqual(['a'])
  })
})
