import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { afterEach, describe, expect, it } from 'vitest'
import { threadEntry } from '../../src/adapters/worker-entry.ts'
import type { BeltReply, BeltRequest, BeltThreadData } from '../../src/workers/belt-protocol.ts'
import { createBelt } from '../../src/workers/belt/scene.ts'

const data: BeltThreadData = { seed: 9, width: 320, height: 240, rate: 15 }
const byteLength = 320 * 240 * 3
const threads: Worker[] = []

function startBelt(): Worker {
  const thread = new Worker(threadEntry('belt'), { workerData: data })
  threads.push(thread)
  return thread
}

afterEach(async () => {
  await Promise.all(threads.splice(0).map((thread) => thread.terminate()))
})

describe('a belt thread that is asked for two frames', () => {
  it('draws each into its part of the shared memory, and answers in order with what is on it', async () => {
    const thread = startBelt()
    const buffer = new SharedArrayBuffer(2 * byteLength)
    const replies: BeltReply[] = []
    const both = new Promise<void>((resolve, reject) => {
      thread.on('error', reject)
      thread.on('message', (reply: BeltReply) => {
        if (replies.push(reply) === 2) resolve()
      })
    })
    const ask = (request: BeltRequest) => thread.postMessage(request)
    ask({ type: 'draw', frame: 40, buffer, byteOffset: byteLength, byteLength })
    ask({ type: 'draw', frame: 7, buffer, byteOffset: 0, byteLength })
    await both
    const expected = new Uint8Array(2 * byteLength)
    const belt = createBelt(data)
    expect(replies).toEqual([
      { type: 'drawn', frame: 40, truth: belt.draw(40, expected.subarray(byteLength)) },
      { type: 'drawn', frame: 7, truth: belt.draw(7, expected.subarray(0, byteLength)) },
    ])
    expect(Buffer.compare(new Uint8Array(buffer), expected)).toBe(0)
  })
})

describe('a belt thread that is given memory of the wrong size', () => {
  it('ends with an error that says both sizes', async () => {
    const thread = startBelt()
    const failed = once(thread, 'error')
    const buffer = new SharedArrayBuffer(byteLength)
    thread.postMessage({ type: 'draw', frame: 0, buffer, byteOffset: 0, byteLength: 99 } satisfies BeltRequest)
    expect(await failed).toEqual([new RangeError('A 320x240 belt needs 230400 bytes, got 99')])
  })
})
