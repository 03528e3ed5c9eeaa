import { describe, expect, it } from 'vitest'
import { Turns } from '../../inspector/src/line/turns.ts'
import { settle } from '../fakes/virtual-clock.ts'

/** Previews that the daemon answers when the test says so. */
function start(atOnce: number) {
  const turns = new Turns(atOnce)
  const asked: string[] = []
  const ends = new Map<string, { answer: () => void; fail: (error: Error) => void }>()
  const ask = (camera: string, signal = new AbortController().signal) => {
    const outcome = turns.take(() => {
      asked.push(camera)
      return new Promise<string>((answer, fail) => ends.set(camera, { answer: () => answer(camera), fail }))
    }, signal)
    outcome.catch(() => undefined)
    return outcome
  }
  return { asked, ask, end: (camera: string) => ends.get(camera) }
}

describe('three turns', () => {
  it('are taken by three at once, and then by those that wait, in the order in which they came', async () => {
    const { asked, ask, end } = start(3)
    const cameras = Array.from({ length: 50 }, (_, index) => `dock-${index + 1}`)
    const outcomes = cameras.map((camera) => ask(camera))
    await settle()
    expect(asked).toEqual(['dock-1', 'dock-2', 'dock-3'])
    end('dock-2')?.answer()
    end('dock-3')?.fail(new TypeError('Failed to fetch'))
    await settle()
    expect(asked).toEqual(['dock-1', 'dock-2', 'dock-3', 'dock-4', 'dock-5'])
    expect(await outcomes[1]).toBe('dock-2')
    await expect(outcomes[2]).rejects.toThrow('Failed to fetch')
    for (const camera of cameras) {
      end(camera)?.answer()
      await settle()
    }
    expect(asked).toEqual(cameras)
  })

  it('are not taken by who has left before', async () => {
    const { asked, ask, end } = start(1)
    void ask('dock-1')
    const scrolledAway = new AbortController()
    const second = ask('dock-2', scrolledAway.signal)
    void ask('dock-3')
    scrolledAway.abort(new Error('not on the screen'))
    await expect(second).rejects.toThrow('not on the screen')
    await expect(ask('dock-4', scrolledAway.signal)).rejects.toThrow('not on the screen')
    end('dock-1')?.answer()
    await settle()
    expect(asked).toEqual(['dock-1', 'dock-3'])
    end('dock-3')?.answer()
    await settle()
    void ask('dock-5')
    await settle()
    expect(asked).toEqual(['dock-1', 'dock-3', 'dock-5'])
  })
})
