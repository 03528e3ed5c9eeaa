import { describe, expect, it } from 'vitest'
import { cameraId } from '../../src/domain/ids.ts'
import { milliseconds, minutes, seconds } from '../../src/domain/units.ts'
import type { Disk } from '../../src/ports/disk.ts'
import { daemonState } from '../../src/slots/daemon-state.ts'
import type { VirtualClock } from '../fakes/virtual-clock.ts'
import { request } from '../storage/support/writing.ts'
import { configText, plain, runCameras } from './run-cameras.ts'

const heart = {
  stalls: 2,
  stalledFor: milliseconds(2_499.6),
  delay: milliseconds(12.4),
  memory: 3e8,
  memoryBudget: 2e9,
}
const seen = { version: '0', phase: 'running', actors: [], heart } as const

describe('the state that is shown', () => {
  it('has when the disk will be full, if it goes on as in the last minutes', async () => {
    const { stage } = await runCameras(configText({ a: plain }))
    const { clock } = stage.world as typeof stage.world & { clock: VirtualClock }
    const { pauseBelow } = stage.config.disk
    // A megabyte less each 15 s.
    for (let looks = 10; looks >= 0; looks--) {
      clock.advance(seconds(15))
      const freeBytes = async (): Promise<number> => pauseBelow + looks * 1_000_000 + 20_000_000
      await stage.diskWatch.look({ freeBytes } as Disk, { wanted: () => Promise.resolve(0) }, () => undefined)
    }
    const { writer } = daemonState(stage, seen)
    expect(writer.disk).toEqual({ level: 'low', freeBytes: pauseBelow + 20_000_000, fullInMs: 300_000 })
  })

  it.each(['refused', 'failed'])(
    'has for 5 minutes that rows of a camera were %s, however the clock is set',
    async (how) => {
      const { stage } = await runCameras(configText({ 'dock-1': plain, 'dock-2': plain }))
      const { clock } = stage.world as typeof stage.world & { clock: VirtualClock }
      const losing = () => daemonState(stage, seen).cameras.map(({ losingRows }) => losingRows)
      if (how === 'refused') stage.queue.close()
      stage.queue.append(request(1))
      if (how === 'failed') {
        expect(losing()).toEqual([false, false])
        stage.queue.fail(`${cameraId('dock-1')}/model`, 1)
      }
      expect(losing()).toEqual([true, false])
      clock.step(minutes(60))
      clock.advance(minutes(5) - 1)
      expect(losing()).toEqual([true, false])
      clock.advance(1)
      expect(losing()).toEqual([false, false])
    },
  )

  it.each([true, false])('counts the results with as much as is kept of a frame, lossless: %j', async (lossless) => {
    const recording = `{ type: file, path: /a.mp4, lossless: ${lossless} }`
    const text = configText({ a: plain }).replace(/\{ type: rtsp, [^}]*\}/, recording)
    const cameras = await runCameras(text)
    await cameras.start()
    for (const isAtBound of [true, false, true]) {
      cameras.source('a').send()
      await cameras.take().answered({
        findings: [
          { kind: 'detect', model: 'particles', detections: [], isAtBound },
          { kind: 'classify', model: 'belt', scores: [] },
        ],
        elapsed: milliseconds(1),
      })
    }
    expect(daemonState(cameras.stage, seen).cameras.map(({ resultsAtBound }) => resultsAtBound)).toEqual([2])
    expect(cameras.lines.filter(({ fact }) => fact === 'results at the bound')).toHaveLength(1)
  })

  it('has since when it runs, as the wall clock stands now, beside the moment that names the start', async () => {
    const { stage } = await runCameras(configText({ a: plain }))
    const { clock } = stage.world as typeof stage.world & { clock: VirtualClock }
    const shown = () => {
      const { at, startedAt, runningSince } = daemonState(stage, seen)
      return { startedAt, ranFor: at - runningSince }
    }
    const { startedAt } = shown()
    clock.advance(seconds(7))
    expect(shown()).toEqual({ startedAt, ranFor: 7_000 })
    clock.step(minutes(9 * 60))
    expect(shown()).toEqual({ startedAt, ranFor: 7_000 })
  })

  it('has how many torn bytes the start has cut off', async () => {
    const { stage } = await runCameras(configText({ a: plain }))
    stage.queue.ledger.noteTorn(20)
    stage.queue.ledger.noteTorn(22)
    const { writer } = daemonState(stage, seen)
    expect(writer.tornBytes).toBe(42)
  })

  it('has the address of a video without what may be a key to it', async () => {
    const video = "type: http, url: 'https://10.0.0.6/v.mp4?key=sesame'"
    const text = configText({ a: plain }).replace("type: rtsp, url: 'rtsp://10.0.0.5/a'", video)
    const { stage } = await runCameras(text)
    const { cameras } = daemonState(stage, seen)
    expect(cameras.map(({ source }) => source)).toEqual(['https://10.0.0.6/v.mp4'])
  })

  it('has what the heart of the daemon knows of its process', async () => {
    const { stage } = await runCameras(configText({ a: plain }))
    const { linesDropped } = stage.world.log
    expect(daemonState(stage, seen).process).toEqual({
      eventLoopDelayMs: 12,
      stalls: 2,
      stalledMs: 2_500,
      residentBytes: 3e8,
      memoryBudgetBytes: 2e9,
      logLinesDropped: linesDropped,
    })
  })
})
