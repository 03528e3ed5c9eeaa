import { describe, expect, it } from 'vitest'
import { createStopSteps } from '../../../src/commands/demo/stop-steps.ts'
import { stopOrder } from '../../../src/daemon.ts'
import type { Decision } from '../../../src/supervision/index.ts'
import { VirtualClock } from '../../fakes/virtual-clock.ts'

const start = () => {
  const clock = new VirtualClock()
  const said: string[] = []
  const hear = createStopSteps(clock, (line) => said.push(line))
  const report = (path: string, decision: Decision) =>
    hear({ path, decision, epoch: 1, cause: { type: 'drain' }, restartsLeft: 5, at: 0, reason: 'told to' })
  return { clock, said, report }
}

describe('a slot that drains', () => {
  it('is said, and how long it took', () => {
    const { clock, said, report } = start()
    report('root/uploader', 'stop')
    clock.advance(3_240)
    report('root/uploader', 'leave')
    expect(said).toEqual(['stopping: the uploader delivers what is due …', '  uploader done in 3.2 s'])
  })

  it('says that its time is up where it is', () => {
    const { clock, said, report } = start()
    report('root/inference', 'stop')
    clock.advance(10_000)
    report('root/inference', 'cut_off')
    expect(said).toEqual([
      'stopping: inference finishes the frames it has …',
      '  inference cut off after 10.0 s: its time is up',
    ])
  })

  it('has its own time, beside others', () => {
    const { clock, said, report } = start()
    report('root/manifest', 'stop')
    clock.advance(1_000)
    report('root/log', 'stop')
    clock.advance(1_000)
    report('root/log', 'leave')
    report('root/manifest', 'leave')
    expect(said.slice(2)).toEqual(['  log done in 1.0 s', '  manifest done in 2.0 s'])
  })

  it('has words of its own, whichever it is', () => {
    const { said, report } = start()
    for (const slot of stopOrder) report(`root/${slot}`, 'stop')
    expect(said).toHaveLength(stopOrder.length)
    expect(said.filter((line) => stopOrder.some((slot) => line === `stopping: ${slot} …`))).toEqual([])
  })
})

describe('anything else', () => {
  it.each([
    { what: 'a camera that stops', path: 'root/cameras/dock-1', decision: 'stop' },
    { what: 'the root itself', path: 'root', decision: 'stop' },
    { what: 'a slot that restarts', path: 'root/uploader', decision: 'restart' },
    { what: 'a slot that ends though nobody stopped it', path: 'root/uploader', decision: 'leave' },
  ] as const)('is not said: $what', ({ path, decision }) => {
    const { said, report } = start()
    report(path, decision)
    expect(said).toEqual([])
  })
})
