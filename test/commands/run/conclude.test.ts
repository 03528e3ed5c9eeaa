import { describe, expect, it } from 'vitest'
import { conclude } from '../../../src/commands/run/conclude.ts'
import type { DaemonEnd } from '../../../src/daemon.ts'
import type { CameraAccount } from '../../../src/slots/daemon-state.ts'
import { cameraId } from '../../../src/domain/ids.ts'
import { DiskError } from '../../../src/domain/disk-error.ts'
import { ManifestInUseError, ManifestTooNewError } from '../../../src/domain/manifest-errors.ts'
import { ModelRefusedError } from '../../../src/domain/inference-errors.ts'
import { daemonState } from '../../inspection-feed/sample-state.ts'

type Root = DaemonEnd['root']

const concluded = (
  root: Partial<Root>,
  threadHangs = false,
  accounts: DaemonEnd['accounts'] = [],
  stoppedBy: DaemonEnd['stoppedBy'] = 'signal',
) =>
  conclude({
    root: { ended: 'asked', error: undefined, drained: true, children: [], ...root },
    stoppedBy,
    state: daemonState(),
    accounts,
    threadHangs,
  })

const child = (id: string, result: 'drained' | 'cut_off' | 'crashed', output?: unknown) => ({
  id,
  path: `root/${id}`,
  result,
  output,
})

describe('a daemon that was asked to stop', () => {
  it('ends with 0 where everything is drained', () => {
    expect(concluded({})).toEqual({ code: 0, words: 'Everything is drained.' })
  })

  it('ends with 75 and names what was cut off, crashed, or has something left', () => {
    const children = [
      child('cameras', 'drained'),
      child('inference', 'cut_off'),
      child('csv-writer', 'drained', { drained: false, left: 3 }),
      child('uploader', 'drained', { drained: true }),
      child('inspector', 'crashed'),
    ]
    expect(concluded({ drained: false, children })).toEqual({
      code: 75,
      words:
        'Cut off: inference, csv-writer, inspector. What was accepted is on disk and is picked up at the next start.',
    })
  })
})

const [camera] = daemonState().cameras
const withQueued = (id: string, queued: number): CameraAccount => ({
  ...{ id: cameraId(id), path: `root/cameras/${id}`, frames: camera!.frames },
  rows: { ...camera!.rows, queued },
})

describe('a daemon whose writer awaited its restart as it was asked to stop', () => {
  it('ends with 75 and says how many rows nobody was there to write', () => {
    expect(concluded({}, false, [withQueued('dock-1', 2), withQueued('dock-2', 3)])).toEqual({
      code: 75,
      words:
        'Cut off: csv-writer, as it was being restarted. What was accepted is on disk and is picked up at the next start. Lost, since no disk took them: 5 rows.',
    })
  })

  it('ends with 0 where no row waited', () => {
    expect(concluded({}, false, [withQueued('dock-1', 0)]).code).toBe(0)
  })

  it('ends with 79 where an operator asked: no start brings those rows back', () => {
    const { code, words } = concluded({}, false, [withQueued('dock-1', 2)], 'operator')
    expect(code).toBe(79)
    expect(words).toContain('Lost, since no disk took them: 2 rows.')
  })
})

describe('a daemon whose disk stayed full until the end of its stop', () => {
  const children = [child('cameras', 'drained'), child('csv-writer', 'cut_off'), child('uploader', 'drained')]

  it('says how many rows were never accepted', () => {
    expect(concluded({ drained: false, children }, false, [withQueued('dock-1', 1), withQueued('dock-2', 0)])).toEqual({
      code: 75,
      words:
        'Cut off: csv-writer. What was accepted is on disk and is picked up at the next start. Lost, since no disk took them: 1 row.',
    })
  })

  it('says it too where it gave up, or has to be killed', () => {
    for (const { words } of [
      concluded({ ended: 'shutdown', drained: false, children }, false, [withQueued('dock-1', 7)]),
      concluded({ drained: false, children }, true, [withQueued('dock-1', 7)]),
    ])
      expect(words).toMatch(/ Lost, since no disk took them: 7 rows\.$/)
  })
})

describe('a daemon that an operator has stopped', () => {
  it('ends with 0 where everything is drained', () => {
    expect(concluded({}, false, [], 'operator').code).toBe(0)
  })

  it('ends with 79 where something was cut off, so that systemd knows it from a start that failed', () => {
    expect(concluded({ drained: false, children: [child('uploader', 'cut_off')] }, false, [], 'operator')).toEqual({
      code: 79,
      words: 'Cut off: uploader. What was accepted is on disk and is picked up at the next start.',
    })
  })

  it.each([
    { ended: 'shutdown', error: undefined, code: 79 },
    { ended: 'auto_shutdown', error: undefined, code: 79 },
    { ended: 'start_failed', error: new DiskError('mkdir', 'open', 'ENOSPC'), code: 79 },
    { ended: 'start_failed', error: new TypeError('x is undefined'), code: 79 },
    { ended: 'start_failed', error: new ModelRefusedError('scratches', '/s.onnx', 'no labels'), code: 78 },
  ] as const)('ends with $code where it was ending already: $ended, $error.message', ({ ended, error, code }) => {
    expect(concluded({ ended, error, drained: false }, false, [], 'operator').code).toBe(code)
  })

  it('has to end by SIGTERM where a thread hangs', () => {
    expect(concluded({}, true, [], 'operator')).toEqual({
      code: 143,
      words:
        'An inference thread hangs, or still loads a model, and cannot be ended; everything else is closed. Killing this process (exit code 143).',
    })
  })
})

describe('a daemon that stopped since its inference hung', () => {
  it('is to be started afresh, although the threads came back and everything is drained', () => {
    expect(concluded({}, false, [], 'wedge')).toEqual({
      code: 75,
      words: 'Inference threads hung, and came back as everything drained. Nothing is cut off; to be started afresh.',
    })
  })
})

describe('a daemon that could not start', () => {
  it.each([
    {
      error: new ModelRefusedError('scratches', '/s.onnx', 'no labels'),
      code: 78,
      words: 'Could not start: Model scratches (/s.onnx) is refused: no labels',
    },
    {
      error: new ManifestInUseError('/data', 42),
      code: 75,
      words:
        'Could not start: Data folder /data is in use by process 42: a daemon, or belay verify, and either needs it to itself. Stop that one first; a second daemon needs a data folder of its own',
    },
    {
      error: new ManifestTooNewError('/data/manifest.sqlite', 9, 1),
      code: 78,
      words: `Could not start: ${new ManifestTooNewError('/data/manifest.sqlite', 9, 1).message}`,
    },
    {
      error: new DiskError('mkdir', 'open', 'ENOSPC'),
      code: 75,
      words:
        'Could not start: mkdir of open failed: ENOSPC. The disk of the data folder is full: delete what else is on it, or give it more room',
    },
    { error: new TypeError('x is undefined'), code: 1, words: 'Could not start: x is undefined' },
    { error: undefined, code: 1, words: 'Could not start: it failed without an error' },
  ])('ends with $code: $words', ({ error, code, words }) => {
    expect(concluded({ ended: 'start_failed', error, drained: false })).toEqual({ code, words })
  })
})

describe('a daemon that gave up', () => {
  it.each(['shutdown', 'auto_shutdown'] as const)('ends with 1 by %s', (ended) => {
    expect(concluded({ ended, drained: false })).toEqual({
      code: 1,
      words: 'Gave up: a part failed more often than 5 times within 60 s. The log says which and why; this is a bug.',
    })
  })
})

describe('a daemon with an inference thread that hangs', () => {
  it.each(['asked', 'shutdown', 'start_failed'] as const)('has to be killed, however it ended: %s', (ended) => {
    expect(concluded({ ended }, true)).toEqual({
      code: 137,
      words:
        'An inference thread hangs, or still loads a model, and cannot be ended; everything else is closed. Killing this process (exit code 137).',
    })
  })
})
