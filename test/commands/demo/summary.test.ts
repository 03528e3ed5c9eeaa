import { stripVTControlCharacters } from 'node:util'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { accountLines, stateWord, summaryLines } from '../../../src/commands/demo/summary.ts'
import { perState } from '../../../src/domain/file-state.ts'
import { epochMs } from '../../../src/domain/units.ts'
import { actorView, cameraView, daemonState, startedAt } from '../../inspection-feed/sample-state.ts'

afterEach(() => vi.unstubAllEnvs())

const uploader = actorView('root/uploader', { state: 'delivering' })
const running = daemonState({
  actors: [
    actorView('root/cameras/dock-1'),
    actorView('root/cameras/dock-2', {
      state: 'backingOff',
      why: 'Camera dock-2 cannot be reached: no route',
      since: startedAt,
    }),
    uploader,
  ],
  cameras: [cameraView('dock-1'), cameraView('dock-2', { fps: 0, lastFinding: null })],
  at: epochMs(startedAt + 12_400),
})

describe('the summary', () => {
  it('says of each camera its state and counts, and what became of the files', () => {
    expect(summaryLines(running, false)).toEqual([
      'camera    state          fps inspected dropped failed  last finding',
      'dock-1    streaming     25.0         7       2      0  particle 3, best 0.97',
      'dock-2    backingOff     0.0         7       2      0  Camera dock-2 cannot be reached: no route (for 12 s)',
      'files: 2 open, 4 written, 1 queued, 3 delivered  ·  rows delivered: 30',
    ])
  })

  it('is the same with colour, but for the colour', () => {
    // Without it, Node looks whether standard output is a terminal.
    vi.stubEnv('FORCE_COLOR', '1')
    const coloured = summaryLines(running, true)
    expect(coloured.map((line) => stripVTControlCharacters(line))).toEqual(summaryLines(running, false))
    expect(coloured.filter((line) => line !== stripVTControlCharacters(line))).toHaveLength(3)
  })

  it('says that a camera whose actor is not there has not started', () => {
    const [, line] = summaryLines(
      daemonState({ actors: [], cameras: [cameraView('dock-1', { lastFinding: null })] }),
      false,
    )
    expect(line).toBe('dock-1    not started   25.0         7       2      0  ')
  })

  it('says why the writer and the uploader are not at work, and what was set aside', () => {
    const sample = daemonState()
    const [last] = summaryLines(
      daemonState({
        cameras: [],
        actors: [actorView('root/uploader', { state: 'refused', why: 'the host key is another' })],
        writer: { ...sample.writer, blocked: 'the disk is full' },
        uploader: {
          ...sample.uploader,
          files: { ...perState(() => 0), pending: 2, sending: 3, delivered: 4, conflict: 5, refused: 6 },
        },
      }),
      false,
    ).slice(-1)
    expect(last).toBe(
      'files: 2 open, 4 written, 5 queued, 4 delivered  ·  rows delivered: 30  ·  set aside: 11  ·  the disk is full  ·  uploader refused: the host key is another',
    )
  })
})

describe('the word for a state', () => {
  it.each([
    { state: 'streaming', word: 'streaming' },
    { state: 'backingOff', word: 'backingOff' },
  ])('of $state is $word', ({ state, word }) => {
    expect(stateWord(actorView('root/x', { state }))).toBe(word)
  })
})

describe('the account', () => {
  it('has a sum for each camera, one for the rows and one for the files', () => {
    const sample = daemonState()
    const cameras = [
      cameraView('dock-1'),
      cameraView('dock-2', {
        frames: {
          captured: 20,
          inspected: 11,
          dropped: { superseded: 3, 'no-slot': 2, 'no-predecessor': 0, unchanged: 0, stopped: 1 },
          failed: { timeout: 1, 'inference-error': 0, 'worker-died': 2, 'cut-off': 0 },
          inFlight: 0,
        },
        rows: { produced: 20, accepted: 11, refused: { 'queue-full': 4, 'writer-down': 2 }, failed: 2, queued: 1 },
      }),
    ]
    const files = {
      held: 1,
      packed: 1,
      pending: 1,
      sending: 2,
      delivered: 3,
      removed: 4,
      conflict: 4,
      refused: 5,
      deadLetter: 6,
      lost: 7,
    }
    const rows = perState((state) => 10 * files[state])
    const state = daemonState({ cameras, uploader: { ...sample.uploader, files, rows } })
    expect(accountLines(state, 'data', 'sftp://belay@files:22/in')).toEqual([
      'dock-1: frames captured 10 = inspected 7 + dropped 2 (superseded 2) + failed 0 + 1 in flight',
      'dock-2: frames captured 20 = inspected 11 + dropped 6 (superseded 3, no-slot 2, stopped 1) + failed 3 (timeout 1, worker-died 2)',
      'rows: produced 27 = written 18 + refused 6 + failed 2 + queued 1',
      'rows written 18, in the manifest since its beginning: delivered 70, waiting 40, set aside 150',
      'files: delivered 7, waiting 4, set aside 15',
      'local files: data',
      'delivered files: sftp://belay@files:22/in',
    ])
  })
})
