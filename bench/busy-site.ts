import { fileURLToPath } from 'node:url'
import { createHttpServer } from '../src/adapters/http/http-server.ts'
import { systemClock } from '../src/adapters/system-clock.ts'
import { epochMs, milliseconds } from '../src/domain/units.ts'
import { perState } from '../src/domain/file-state.ts'
import { ActorTally } from '../src/inspection-feed/actor-tally.ts'
import { createFeed } from '../src/inspection-feed/feed.ts'
import type { FileView } from '../src/inspection-feed/file-protocol.ts'
import { InspectBridge } from '../src/inspection-feed/inspect-bridge.ts'
import { RecordRing } from '../src/inspection-feed/record-ring.ts'
import { createRecorder } from '../src/inspection-feed/recorder.ts'
import { recordingOf } from '../src/inspection-feed/recording.ts'
import { Trends } from '../src/inspection-feed/trends.ts'
import { actorView, cameraView, daemonState } from '../test/inspection-feed/sample-state.ts'

const actors = 100
const recordsPerSecond = 1_000
const heldRecords = 50_000
const tickMs = 20

/**
 * The real server and feed, with invented actors of which a thousand things a second are told, and have been for so long that the ring is
 * full.
 */
export async function startBusySite() {
  const ring = new RecordRing()
  /** How long ago it happens what is told. */
  let agoMs = (heldRecords / recordsPerSecond) * 1000
  const clock = {
    ...systemClock,
    now: () => epochMs(systemClock.now() - agoMs),
    monotonic: () => milliseconds(systemClock.monotonic() - agoMs),
  }
  const record = createRecorder(clock, (made) => ring.add(made))
  const uploader = 'root/uploader'
  const paths = Array.from({ length: actors - 3 }, (_, index) => `root/cameras/dock-${index + 1}`)
  const fileOf = (index: number): string => `dock-${(index % paths.length) + 1}/${index}.csv`
  for (const path of ['root', 'root/cameras'])
    record({ path, epoch: 1 }, { type: 'actor.started', kind: 'supervisor', machine: null })
  for (const path of paths) record({ path, epoch: 1 }, { type: 'actor.started', kind: 'machine', machine: 'camera' })
  record({ path: uploader, epoch: 1 }, { type: 'actor.started', kind: 'machine', machine: 'uploader' })
  enter(uploader, 'connecting', 'delivering', 'online.delivering')

  let count = 0
  for (; count < heldRecords; count++) {
    say(count)
    agoMs -= 1000 / recordsPerSecond
  }
  agoMs = 0

  const trends = new Trends(systemClock, epochMs(systemClock.now()))
  const reading = setInterval(() => trends.take(new Map(paths.map((path, index) => [path, gaugesOf(index)]))), 2_000)
  const gaugesOf = (index: number) => ({
    fps: 25 + (index % 7),
    inspectedPerSecond: 20 + (count % 5),
    captured: count,
    latencyP95Ms: 30 + (count % 9),
  })

  const began = systemClock.monotonic()
  const timer = setInterval(() => {
    // However late a tick is, none is left out.
    const due = heldRecords + ((systemClock.monotonic() - began) * recordsPerSecond) / 1000
    while (count < due) say(count++)
  }, tickMs)

  function enter(path: string, from: string, to: string, node: string): void {
    const transition = { from, to, nodes: [node], event: 'stream.lost', why: 'a test' }
    record({ path, epoch: 1 }, { type: 'state.entered', ...transition })
  }

  function hear(path: string, source: string, event: string, detail: Readonly<Record<string, string | number>>): void {
    record({ path, epoch: 1 }, { type: 'event.received', source, event, detail })
  }

  /** A fifth are changes of state, a tenth gauges, the rest events, of which a few are of files. */
  function say(index: number): void {
    const path = paths[index % paths.length] ?? ''
    const isLost = Math.floor(index / paths.length) % 2 === 1
    if (index % 5 === 0 && isLost) enter(path, 'streaming', 'backingOff', 'backingOff')
    else if (index % 5 === 0) enter(path, 'backingOff', 'streaming', 'online.open.streaming')
    else if (index % 10 === 1)
      record({ path, epoch: 1 }, { type: 'gauges.read', values: { fps: 25 + (index % 7), inspected: index } })
    else if (index % 100 === 3) hear('root/csv-writer', path, 'file.sealed', { path: fileOf(index), rows: 8 })
    else if (index % 100 === 53) hear(uploader, `${uploader}/delivery`, 'file.delivered', { path: fileOf(index - 50) })
    else hear(path, 'root/cameras', 'stream.judged', {})
  }

  const fileAt = (index: number): FileView => ({
    ...{ id: index + 1, path: `dock-1/${index}.csv`, camera: 'dock-1', state: 'pending', rows: 8, bytes: 20_000 },
    ...{
      sha256: '0'.repeat(64),
      attempts: index % 3,
      dueAt: null,
      why: index % 3 === 0 ? null : 'the server has no room',
    },
    ...{ sealedAt: epochMs(systemClock.now() - index * 1_000), changedAt: epochMs(systemClock.now() - index * 1_000) },
  })
  const state = () =>
    daemonState({
      at: systemClock.now(),
      actors: ['root', uploader, 'root/cameras', ...paths].map((path, index) =>
        actorView(path, { since: epochMs(systemClock.now() - index * 1_000), why: `told ${count - (count % 50)}` }),
      ),
      cameras: paths.map((path, index) => {
        const view = cameraView(`dock-${index + 1}`)
        return { ...view, path, frames: { ...view.frames, inspected: count } }
      }),
    })
  const server = createHttpServer({
    ...{ host: '127.0.0.1', port: 0 },
    pageFolder: fileURLToPath(new URL('../inspector/dist', import.meta.url)),
    log: silent,
    shown: {
      state,
      feed: createFeed({ state, clock: systemClock, ring }),
      inspect: new InspectBridge(ring),
      readiness: () => ({ ready: true, reasons: [] }),
      tally: new ActorTally(),
      logLinesDropped: () => 0,
      heart: { stalls: 0, stalledFor: milliseconds(0), delay: milliseconds(0), memory: 3e8, memoryBudget: 1e9 },
      operate: async () => ({ done: false, cause: 'refused', words: 'nothing is operated here' }),
      files: {
        list: async ({ limit }) => ({
          files: Array.from({ length: limit }, (_, index) => fileAt(index)),
          more: true,
          counts: { ...perState(() => 0), pending: 500, delivered: count },
        }),
        history: async () => undefined,
      },
      trends: (query) => trends.ask(query),
      recording: () => recordingOf(ring, 'bench'),
      lastInspected: () => 'none',
    },
  })
  const { url } = await server.listen(new AbortController().signal)
  return {
    url,
    recordsPerSecond: () => ((count - heldRecords) / (systemClock.monotonic() - began)) * 1000,
    async close() {
      clearInterval(timer)
      clearInterval(reading)
      await server.close()
    },
  }
}

const silent = { debug() {}, info() {}, warn() {}, error() {}, always() {}, at: () => silent }
