import { readdir } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { createSession } from '../../../src/workers/inference/create-session.ts'
import { loadModel } from '../../../src/workers/inference/load-model.ts'
import { constantModel, detector, layouts } from './support.ts'

/** Of this process. */
const threads = async () => (await readdir('/proc/self/task')).length

describe('sessions', () => {
  it('run in the thread of their worker, and have none of their own', async () => {
    const { dims, values } = layouts.v8
    const spec = await detector(constantModel(dims, values))
    // The first of a process starts what they all share.
    await loadModel(spec)
    const before = await threads()
    for (let count = 0; count < 5; count++) await createSession(spec.file, [], () => Promise.resolve())
    await loadModel(spec)
    expect(await threads()).toBe(before)
  })
})
