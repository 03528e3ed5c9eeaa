import { setImmediate } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterEach, describe, expect, it } from 'vitest'
import { BeltThread } from '../../../src/adapters/video/belt-thread.ts'
import type { FrameSlot } from '../../../src/ports/frame-sink.ts'

const size = { width: 160, height: 120 }
const slot: FrameSlot = { index: 0, bytes: new Uint8Array(new SharedArrayBuffer(size.width * size.height * 3)) }
const threads: BeltThread[] = []

function startThread(): BeltThread {
  const thread = new BeltThread('belt', { seed: 1, rate: 10, ...size })
  threads.push(thread)
  return thread
}

afterEach(async () => {
  for (const thread of threads) thread.end()
  await Promise.all(threads.splice(0).map(({ gone }) => gone))
})

describe('frames that a belt thread has drawn', () => {
  it('leave nothing behind while it goes on', async () => {
    const thread = startThread()
    const answers: WeakRef<object>[] = []
    for (let frame = 0; frame < 20; frame++) {
      const answer = thread.draw(frame, slot)
      answers.push(new WeakRef(answer))
      expect(await answer).toBe(true)
    }
    // What a weak reference was made of, or has given, lives until the turn ends.
    await setImmediate()
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    collect()
    // The last of them may still be held by its caller's frame.
    expect(answers.slice(0, -1).filter((answer) => answer.deref() !== undefined)).toEqual([])
  })
})

describe('a belt thread that goes', () => {
  it('has not drawn what it was asked for, nor what it is asked for then', async () => {
    const thread = startThread()
    const drawn = thread.draw(0, { index: 0, bytes: new Uint8Array(new SharedArrayBuffer(3)) })
    expect(await drawn).toBe(false)
    expect(await thread.gone).toEqual(new RangeError('A 160x120 belt needs 57600 bytes, got 3'))
    expect(await thread.draw(1, slot)).toBe(false)
  })
})
