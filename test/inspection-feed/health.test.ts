import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { healthLimits, troublesOf } from '../../src/inspection-feed/health.ts'
import { epochMs, minutes } from '../../src/domain/units.ts'
import type { DaemonState } from '../../src/inspection-feed/protocol.ts'
import { actorView, cameraView, daemonState } from './sample-state.ts'

const well = daemonState()
const { uploadLag, roomToWatchBytes, roomAhead, paused, rowsLost, threadsShort } = healthLimits

const files = (changes: Partial<DaemonState['uploader']['files']>) =>
  daemonState({ uploader: { ...well.uploader, files: { ...well.uploader.files, ...changes } } })
const waiting = (ms: number) =>
  daemonState({ uploader: { ...well.uploader, oldestUndelivered: epochMs(well.at - ms) } })
const room = (changes: Partial<DaemonState['writer']['disk']>) =>
  daemonState({ writer: { ...well.writer, disk: { ...well.writer.disk, ...changes } } })
const hanging = (wedged: number) =>
  daemonState({
    inference: { ...well.inference, workers: { ...well.inference.workers, wanted: 4, running: 4 - wedged, wedged } },
  })
const short = (running: number, phase: DaemonState['phase'] = 'running') =>
  daemonState({
    phase,
    actors: [actorView('root/inference', { state: 'serving', why: 'another file' })],
    inference: { ...well.inference, workers: { ...well.inference.workers, wanted: 4, running, isShort: true } },
  })
const pausedFor = (ms: number) =>
  daemonState({ actors: [actorView('root/cameras/dock-1', { state: 'paused', since: epochMs(well.at - ms) })] })

/** A camera that makes a connection, and was in `state` before that. */
const connectingAfter = (state: string, why: string) =>
  daemonState({
    actors: [
      actorView('root/cameras/dock-1', {
        state: 'connecting',
        why,
        before: [{ state, since: well.startedAt, until: well.at, why }],
      }),
    ],
  })

describe('a camera whose frames fail', () => {
  const none = { timeout: 0, 'inference-error': 0, 'worker-died': 0, 'cut-off': 0 }
  const { frames } = cameraView('dock-1')
  const troubles = (inspected: number, failed: Partial<typeof none>, failing = false) =>
    troublesOf(
      daemonState({
        cameras: [cameraView('dock-1', { failing, frames: { ...frames, inspected, failed: { ...none, ...failed } } })],
      }),
    )

  it('is amiss while none of them was ever inspected', () => {
    expect(troubles(0, { timeout: 1, 'inference-error': 2, 'worker-died': 3 })).toEqual([
      'no frame of root/cameras/dock-1 has been inspected, and 6 failed: the log says why',
    ])
  })

  it('is amiss while none is inspected any more', () => {
    expect(troubles(1, { 'inference-error': 9 }, true)).toEqual([
      'frames of root/cameras/dock-1 fail, and none has been inspected for a minute: the log says why',
    ])
  })

  it.each([
    { inspected: 1, failed: { 'inference-error': 9 } },
    { inspected: 0, failed: {} },
    { inspected: 0, failed: { 'cut-off': 1 } },
  ])('is not amiss with $inspected inspected and $failed failed', ({ inspected, failed }) => {
    expect(troubles(inspected, failed)).toEqual([])
  })
})

describe('a camera whose rows are lost', () => {
  const { rows } = cameraView('dock-1')
  const troubles = (losingRows: boolean) =>
    troublesOf(
      daemonState({
        cameras: [
          cameraView('dock-1', {
            losingRows,
            rows: { ...rows, refused: { 'queue-full': 3, 'writer-down': 2 }, failed: 1 },
          }),
        ],
      }),
    )

  it('is amiss while the latest loss is recent, and only then', () => {
    expect(troubles(true)).toEqual([
      'rows of root/cameras/dock-1 were lost in the last 5 min, 6 since the start: the log says why',
    ])
    expect(troubles(false)).toEqual([])
  })
})

describe('a part that tries again', () => {
  it.each(['backingOff', 'crashed'])('is amiss until it has succeeded, after it was %s', (state) => {
    expect(troublesOf(connectingAfter(state, 'no picture within 15 s'))).toEqual([
      'root/cameras/dock-1 is connecting: no picture within 15 s',
    ])
  })

  it.each(['paused', 'stopped'])('is not amiss after it was %s', (state) => {
    expect(troublesOf(connectingAfter(state, 'resumed'))).toEqual([])
  })

  it('is not amiss at its first try', () => {
    const first = actorView('root/cameras/dock-1', { state: 'connecting', why: 'started' })
    expect(troublesOf(daemonState({ actors: [first] }))).toEqual([])
  })
})

describe('an uploader whose server takes nothing', () => {
  it('is amiss, and what the server said is told', () => {
    const failing = actorView('root/uploader', { state: 'failing', why: 'open: permission denied' })
    expect(troublesOf(daemonState({ actors: [failing] }))).toEqual([
      'root/uploader is failing: open: permission denied',
    ])
  })
})

describe('a daemon whose parts all run', () => {
  it.each([
    [
      'files were set aside',
      files({ conflict: 1, deadLetter: 2 }),
      ['1 file is set aside: conflict', '2 files are set aside: deadLetter'],
    ],
    ['a file is no longer what was sealed', files({ refused: 1 }), ['1 file is set aside: refused']],
    ['a file has waited for just an hour', waiting(uploadLag), []],
    ['a file has waited for a day', waiting(minutes(24 * 60)), ['a file has waited 1 d for its delivery']],
    [
      'the configuration was refused',
      daemonState({
        configuration: {
          appliedAt: well.startedAt,
          atNextStart: [],
          refused: { at: epochMs(well.at - 90_000), why: 'belay.yaml:4:3 bad' },
        },
      }),
      ['the configuration was refused 1 min 30 s ago, and the one before it still holds: belay.yaml:4:3 bad'],
    ],
    ['one thread hangs', hanging(1), ['1 of 4 inference threads hangs']],
    ['threads hang', hanging(2), ['2 of 4 inference threads hang']],
    ['a thread has not been replaced', short(3), ['1 of 4 inference threads has been missing for 5 min: another file']],
    ['no thread has', short(0), ['4 of 4 inference threads have been missing for 5 min: another file']],
    ['the disk has little room, and nobody asked for more', room({ freeBytes: 1e8 }), []],
    ['the disk has less than was configured', room({ level: 'low' }), ['the disk has 12 GB free']],
    [
      'the disk fills up within a day',
      room({ fullInMs: roomAhead - 1 }),
      ['the disk has 12 GB free, and in 23 h 59 min rows wait for room if it goes on like this'],
    ],
    ['the disk fills up later', room({ fullInMs: roomAhead }), []],
    ['the disk is large and fills up', room({ freeBytes: roomToWatchBytes, fullInMs: 1 }), []],
    ['nobody knows how much room there is', room({ freeBytes: null }), []],
    ['a camera was paused just now', pausedFor(paused - 1), []],
    ['a camera was forgotten', pausedFor(paused), ['root/cameras/dock-1 has been paused for 8 h']],
  ])('is told of where %s', (_what, state, troubles) => {
    expect(troublesOf(state)).toEqual(troubles)
  })
})

describe('threads that do not run yet, or any more', () => {
  it.each(['starting', 'draining'] as const)('are not amiss besides while the daemon is %s', (phase) => {
    expect(troublesOf(short(0, phase))).toEqual([`the daemon is ${phase}`])
  })
})

describe('the limits of health', () => {
  interface Rule {
    readonly alert: string
    readonly expr: string
    readonly for?: string
  }
  const text = readFileSync(new URL('../../config/prometheus-alerts.yaml', import.meta.url), 'utf8')
  const rules = (parse(text) as { groups: { rules: Rule[] }[] }).groups.flatMap((group) => group.rules)
  const rule = (name: string) => rules.find(({ alert }) => alert === name)

  it('are those of the alerts', () => {
    expect(rule('BelayUploadLags')?.expr).toBe(`belay_upload_lag_seconds > ${uploadLag / 1000}`)
    const [watched, ahead] = (rule('BelayDiskFillsUp')?.expr.match(/< \S+|24 \* 3600/g) ?? []).map((each) =>
      Number(each.replace('< ', '').replace('24 * 3600', '86400')),
    )
    expect([watched, ahead]).toEqual([roomToWatchBytes, roomAhead / 1000])
    expect(rule('BelayCameraPaused')?.for).toBe(`${paused / minutes(60)}h`)
    expect(rule('BelayRowsLost')?.expr).toContain(`[${rowsLost / minutes(1)}m]`)
    const missing = rule('BelayInferenceThreadsMissing')
    expect(missing?.expr).toBe('belay_inference_workers_running < belay_inference_workers_wanted and belay_ready == 1')
    expect(missing?.for).toBe(`${threadsShort / minutes(1)}m`)
    expect(rule('BelayInferenceThreadHangs')?.expr).toBe('belay_inference_workers_wedged > 0')
  })
})
