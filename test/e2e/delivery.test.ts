import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sum } from '../../src/domain/frame-account.ts'
import { isAlive, killLeftovers, type LogLine, startDaemon } from './support/daemon.ts'
import { accountOf } from './support/log.ts'
import { createSite, keyOf, rtspCamera, type Site } from './support/site.ts'

let site: Site
beforeEach(async () => {
  site = await createSite()
})
afterEach(async () => {
  killLeftovers()
  await site.tearDown()
})

describe('a camera on RTSP, two models and a customer with OpenSSH', () => {
  it('delivers every accepted row once and accounts for every frame, when it is told to stop in the middle', async () => {
    const camera = await site.camera()
    const daemon = startDaemon(await site.configure([rtspCamera('dock-1', camera.url)]))
    await daemon.until('10 s of frames', ({ cameras: [dock] }) => (dock?.frames.captured ?? 0) >= 150)
    const ffmpegs = await daemon.children()
    expect(ffmpegs.length).toBeGreaterThan(0)
    daemon.signal('SIGTERM')
    expect(await daemon.exit).toEqual({ code: 0, signal: null })

    const { frames, rows } = accountOf(daemon.log, 'root/cameras/dock-1')
    expect(frames.inFlight).toBe(0)
    expect(frames.inspected).toBeGreaterThan(0)
    expect(frames.captured).toBe(frames.inspected + sum(frames.dropped) + sum(frames.failed))
    expect(rows).toMatchObject({ failed: 0, queued: 0, refused: { 'queue-full': 0, 'writer-down': 0 } })
    expect(rows.produced).toBe(rows.accepted)

    const delivered = await site.deliveredRows()
    expect(delivered.length).toBe(rows.accepted)
    expect(new Set(delivered.map(keyOf)).size).toBe(delivered.length)
    // One row for each inspected frame from the classifier, one or more from the detector.
    const framesOf = (folder: string) =>
      new Set(delivered.filter((row) => row.folder === folder).map((row) => row.frame))
    expect(framesOf('classifier').size).toBe(frames.inspected)
    expect(framesOf('model').size).toBe(frames.inspected)

    expect(stopOrderOf(daemon.log)).toEqual([
      'root/cameras',
      'root/inference',
      'root/csv-writer',
      'root/uploader',
      'root/inspector',
      'root/manifest',
      'root/log',
    ])
    expect(await Promise.all(ffmpegs.map(isAlive))).toEqual(ffmpegs.map(() => false))
  })
})

/** The slots in the order in which they had stopped, each before the next was asked to. */
function stopOrderOf(log: readonly LogLine[]): string[] {
  const steps = log
    .filter(
      ({ fact, actor, decision }) =>
        fact === 'supervisor' && /^root\/[^/]+$/.test(actor) && (decision === 'stop' || decision === 'leave'),
    )
    .map(({ actor, decision }) => `${String(decision)} ${actor}`)
  const order = steps.filter((step) => step.startsWith('leave ')).map((step) => step.slice('leave '.length))
  expect(steps).toEqual(order.flatMap((actor) => [`stop ${actor}`, `leave ${actor}`]))
  return order
}
