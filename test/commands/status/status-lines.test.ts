import { describe, expect, it } from 'vitest'
import { troublesOf } from '../../../src/inspection-feed/health.ts'
import { durationWords } from '../../../src/domain/duration-words.ts'
import { statusLines } from '../../../src/commands/status/status-lines.ts'
import { epochMs } from '../../../src/domain/units.ts'
import { actorView, cameraView, daemonState, startedAt } from '../../inspection-feed/sample-state.ts'

const { process } = daemonState()
if (process === null) throw new Error('The sample has no process')
const refused = 'The server shows another host key'
const state = daemonState({
  at: epochMs(startedAt + 200_000),
  actors: [
    actorView('root', { kind: 'supervisor', state: 'running' }),
    actorView('root/csv-writer', { state: 'writing', why: 'the folders are scanned' }),
    actorView('root/uploader', { state: 'refused', why: refused, since: epochMs(startedAt + 140_000) }),
    actorView('root/cameras', { kind: 'supervisor', state: 'running', why: null }),
    actorView('root/cameras/dock-1'),
    actorView('root/cameras/dock-2', { state: 'paused', why: 'paused by an operator' }),
  ],
  cameras: [
    cameraView('dock-1', {
      rows: { produced: 60, accepted: 18, refused: { 'queue-full': 30, 'writer-down': 10 }, failed: 2, queued: 0 },
    }),
    cameraView('dock-2', { fps: 0, latencyMs: null }),
    cameraView('dock-3'),
  ],
})

describe('the status of a daemon', () => {
  it('shows cameras, parts, files and disk in a table', () => {
    expect(statusLines(state, 'http://127.0.0.1:5000', 120)).toEqual([
      'belay 0.1.0 at http://127.0.0.1:5000: running, started 3 min 20 s ago, boot 7',
      '',
      'camera  state               for   fps  inspected  dropped  failed    p95  last finding, or why',
      'dock-1  streaming    3 min 20 s  25.0          7        2       0  31 ms  particle 3, best 0.97',
      'dock-2  paused       3 min 20 s   0.0          7        2       0      –  paused by an operator',
      'dock-3  not started           –  25.0          7        2       0  31 ms',
      '',
      'part        state           for  figures, and why',
      'csv-writer  writing  3 min 20 s  1 request waiting, 2 files open, 4 sealed; the folders are scanned',
      `uploader    refused       1 min  3 files delivered, 2 tries failed; ${refused}`,
      'cameras     running  3 min 20 s',
      '',
      'files: 1 wait, the oldest for 4 min 20 s; 3 delivered; 0 set aside',
      'rows in them: 4 wait; 30 delivered; 0 set aside',
      'frames dropped since the start: 6 superseded',
      'frames failed since the start: none',
      'rows lost since the start: 42',
      'disk: 12 GB free',
      'reconnects since the start: none',
      'restarts since the start: none',
      'event loop: stood still for 12 ms at most in the last minute; 0 times for more than 1 s',
      'memory: 267 MB of 2.0 GB',
      'log: 0 lines could not be written',
    ])
  })

  it('names who reconnected and who was restarted, the five that did most often', () => {
    const actors = [
      actorView('root/uploader', { reconnects: 3 }),
      ...[12, 0, 1, 2, 4, 5].map((reconnects, at) => actorView(`root/cameras/dock-${at}`, { reconnects })),
      actorView('root/csv-writer', { restarts: 1 }),
      actorView('root/inspector', { restarts: 2, reconnects: null }),
    ]
    expect(statusLines({ ...state, actors }, 'http://127.0.0.1:5000', 120)).toEqual(
      expect.arrayContaining([
        'reconnects since the start: 12 cameras/dock-0, 5 cameras/dock-5, 4 cameras/dock-4, 3 uploader, 2 cameras/dock-3, 1 other fewer',
        'restarts since the start: 2 inspector, 1 csv-writer',
      ]),
    )
  })

  it('says how long the event loop stood still in all, and nothing of a process that is not known', () => {
    const stalled = { ...process, stalls: 1, stalledMs: 1_200, logLinesDropped: 7 }
    const lines = statusLines({ ...state, process: stalled }, 'http://127.0.0.1:5000', 120)
    expect(lines.slice(-3)).toEqual([
      'event loop: stood still for 12 ms at most in the last minute; 1 time for more than 1 s, 1 s in all',
      'memory: 267 MB of 2.0 GB',
      'log: 7 lines could not be written',
    ])
    expect(statusLines({ ...state, process: null }, 'http://127.0.0.1:5000', 120).at(-1)).toBe(
      'restarts since the start: none',
    )
  })

  it('names what waits for the next start', () => {
    const { configuration } = state
    const waiting = { ...state, configuration: { ...configuration, atNextStart: ['csv.queue', 'sftp.host'] } }
    expect(statusLines(waiting, 'http://127.0.0.1:5000', 120).slice(1, 3)).toEqual([
      'configuration: csv.queue, sftp.host in the file, from the next start on',
      '',
    ])
  })

  it('sums frames up by cause over all cameras, the most frequent first', () => {
    const none = { superseded: 0, 'no-slot': 0, 'no-predecessor': 0, unchanged: 0, stopped: 0 }
    const some = { timeout: 0, 'inference-error': 0, 'worker-died': 0, 'cut-off': 0 }
    const frames = { captured: 90, inspected: 20, inFlight: 0 }
    const cameras = [
      cameraView('dock-1', {
        frames: { ...frames, dropped: { ...none, superseded: 3, unchanged: 40 }, failed: { ...some, timeout: 1 } },
      }),
      cameraView('dock-2', {
        frames: { ...frames, dropped: { ...none, superseded: 4 }, failed: { ...some, 'worker-died': 2, timeout: 3 } },
      }),
    ]
    expect(statusLines({ ...state, cameras }, 'http://127.0.0.1:5000', 120)).toEqual(
      expect.arrayContaining([
        'frames dropped since the start: 40 unchanged, 7 superseded',
        'frames failed since the start: 4 timeout, 2 worker-died',
      ]),
    )
  })

  it('calls files and rows delivered whose copies here have been deleted since', () => {
    const { uploader } = state
    const files = { ...uploader.files, delivered: 80, removed: 11_920 }
    const rows = { ...uploader.rows, delivered: 800, removed: 119_200 }
    const lines = statusLines({ ...state, uploader: { ...uploader, files, rows } }, 'http://127.0.0.1:5000', 120)
    expect(lines).toContain('files: 1 wait, the oldest for 4 min 20 s; 12000 delivered; 0 set aside')
    expect(lines).toContain('rows in them: 4 wait; 120000 delivered; 0 set aside')
  })

  it('says when rows will wait for room, as soon as that is known', () => {
    const { writer } = state
    const lines = statusLines(
      { ...state, writer: { ...writer, disk: { ...writer.disk, fullInMs: 864_000_000 } } },
      'http://127.0.0.1:5000',
      120,
    )
    expect(lines).toContain('disk: 12 GB free, and in 10 d rows wait for room if it goes on like this')
  })

  it('says what is not known', () => {
    const { writer, uploader } = state
    const lines = statusLines(
      {
        ...state,
        writer: { ...writer, disk: { ...writer.disk, freeBytes: null } },
        uploader: { ...uploader, oldestUndelivered: null },
      },
      'http://127.0.0.1:5000',
      120,
    )
    expect(lines).toContain('disk: not known')
    expect(lines).toContain('files: 1 wait; 3 delivered; 0 set aside')
  })

  it.each([
    [59_999, '59 s'],
    [60_000, '1 min'],
    [3_660_000, '1 h 1 min'],
    [90_000_000, '1 d 1 h'],
    [-5, '0 s'],
  ])('tells %d ms as %s', (ms, words) => {
    expect(durationWords(ms)).toBe(words)
  })
})

describe('the health of a daemon', () => {
  it('names what somebody should look at, and why; a paused camera is no such thing', () => {
    expect(troublesOf(state)).toEqual([`root/uploader is refused: ${refused}`])
  })

  it('is nothing to speak of while all runs', () => {
    expect(troublesOf(daemonState())).toEqual([])
  })

  it('is not there while it starts or drains', () => {
    expect(troublesOf(daemonState({ phase: 'draining' }))).toEqual(['the daemon is draining'])
  })

  const amiss = [
    'backingOff',
    'blocked',
    'full',
    'stale',
    'frozen',
    'degraded',
    'wedged',
    'crashed',
    'backing_off',
    'cut off',
  ]
  it.each(amiss)('is told of what is %s', (word) => {
    const actors = [actorView('root/cameras/dock-1', { state: word, why: null })]
    expect(troublesOf(daemonState({ actors }))).toEqual([`root/cameras/dock-1 is ${word}`])
  })
})
