import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { renderMetrics } from '../../../src/adapters/prometheus/render-metrics.ts'
import { ActorTally } from '../../../src/inspection-feed/actor-tally.ts'
import { epochMs } from '../../../src/domain/units.ts'
import type { Report } from '../../../src/supervision/index.ts'
import { actorView, cameraView, daemonState, startedAt } from '../../inspection-feed/sample-state.ts'
import { samplesOf, seen } from './support.ts'

const ofCamera = (samples: Record<string, number>, name: string) =>
  Object.fromEntries(Object.entries(samples).filter(([key]) => key.startsWith(`${name}{camera="dock-1"`)))

describe('the metrics of a camera', () => {
  it('account for every captured frame by outcome and cause', async () => {
    const samples = await samplesOf(seen())
    expect(ofCamera(samples, 'belay_frames_total')).toEqual({
      'belay_frames_total{camera="dock-1",outcome="inspected",cause=""}': 7,
      'belay_frames_total{camera="dock-1",outcome="dropped",cause="superseded"}': 2,
      'belay_frames_total{camera="dock-1",outcome="dropped",cause="no-slot"}': 0,
      'belay_frames_total{camera="dock-1",outcome="dropped",cause="no-predecessor"}': 0,
      'belay_frames_total{camera="dock-1",outcome="dropped",cause="unchanged"}': 0,
      'belay_frames_total{camera="dock-1",outcome="dropped",cause="stopped"}': 0,
      'belay_frames_total{camera="dock-1",outcome="failed",cause="timeout"}': 0,
      'belay_frames_total{camera="dock-1",outcome="failed",cause="inference-error"}': 0,
      'belay_frames_total{camera="dock-1",outcome="failed",cause="worker-died"}': 0,
      'belay_frames_total{camera="dock-1",outcome="failed",cause="cut-off"}': 0,
    })
    expect(samples['belay_frames_captured_total{camera="dock-1"}']).toBe(10)
    expect(samples['belay_frames_in_flight{camera="dock-1"}']).toBe(1)
  })

  it('account for every row', async () => {
    expect(ofCamera(await samplesOf(seen()), 'belay_rows_total')).toEqual({
      'belay_rows_total{camera="dock-1",outcome="accepted",cause=""}': 7,
      'belay_rows_total{camera="dock-1",outcome="refused",cause="queue-full"}': 0,
      'belay_rows_total{camera="dock-1",outcome="refused",cause="writer-down"}': 0,
      'belay_rows_total{camera="dock-1",outcome="failed",cause=""}': 0,
    })
  })

  it('have the results of which rows may be missing', async () => {
    const cameras = [cameraView('dock-1', { resultsAtBound: 4 })]
    const samples = await samplesOf(seen({ state: daemonState({ cameras }) }))
    expect(samples['belay_results_at_bound_total{camera="dock-1"}']).toBe(4)
  })

  it('are in seconds, and absent while nothing is known', async () => {
    const samples = await samplesOf(
      seen({ state: daemonState({ cameras: [cameraView('dock-1'), cameraView('dock-2', { latencyMs: null })] }) }),
    )
    expect(samples['belay_frame_latency_p95_seconds{camera="dock-1"}']).toBe(0.031)
    expect(samples).not.toHaveProperty(['belay_frame_latency_p95_seconds{camera="dock-2"}'])
  })

  it.each([
    ['streaming', 1],
    ['finished', 1],
    ['connecting', 0],
    ['backingOff', 0],
    ['crashed', 0],
  ])('say of one that is %s that it is up: %d', async (word, up) => {
    const state = daemonState({ actors: [actorView('root/cameras/dock-1', { state: word })] })
    expect((await samplesOf(seen({ state })))['belay_camera_up{camera="dock-1"}']).toBe(up)
  })

  it('are gone with the camera', async () => {
    await renderMetrics(seen())
    const samples = await samplesOf(seen({ state: daemonState({ cameras: [cameraView('dock-2')] }) }))
    expect(ofCamera(samples, 'belay_frames_total')).toEqual({})
  })
})

describe('the metrics of an actor', () => {
  const path = 'root/cameras/dock-1'
  const report = (decision: Report['decision']): Report =>
    ({ path, epoch: 1, cause: { type: 'boot' }, decision, restartsLeft: 4, at: 0, reason: 'because' }) as Report

  it('show its state among those that it has been in', async () => {
    const tally = new ActorTally()
    for (const [to, event] of [
      ['connecting', 'xstate.init'],
      ['backingOff', 'xstate.error.actor.stream'],
      ['connecting', 'xstate.after.reconnectDelay.camera.backingOff'],
      ['streaming', 'stream.began'],
    ] as const)
      tally.transition(path, { to, event })
    const samples = await samplesOf(seen({ tally }))
    expect(samples).toMatchObject({
      [`belay_actor_state{actor="${path}",state="streaming"}`]: 1,
      [`belay_actor_state{actor="${path}",state="connecting"}`]: 0,
      [`belay_actor_state{actor="${path}",state="backingOff"}`]: 0,
      [`belay_actor_state_entries_total{actor="${path}",state="connecting"}`]: 2,
      [`belay_actor_state_seconds{actor="${path}"}`]: 1,
      [`belay_actor_reconnects_total{actor="${path}"}`]: 1,
    })
  })

  it('count restarts, at once or after a wait, beside every decision', async () => {
    const tally = new ActorTally()
    for (const decision of ['start', 'restart', 'back_off', 'crash'] as const) tally.report(report(decision))
    expect(await samplesOf(seen({ tally }))).toMatchObject({
      [`belay_actor_restarts_total{actor="${path}"}`]: 2,
      [`belay_actor_restarts_total{actor="root/cameras/dock-2"}`]: 0,
      [`belay_supervisor_decisions_total{actor="${path}",decision="crash"}`]: 1,
      [`belay_actor_restarts_left{actor="${path}"}`]: 5,
    })
  })

  it('do not go below zero when the wall clock is set back', async () => {
    const state = daemonState({ at: epochMs(startedAt - 5_000) })
    expect((await samplesOf(seen({ state })))[`belay_actor_state_seconds{actor="${path}"}`]).toBe(0)
  })
})

describe('the metrics of delivery', () => {
  it('tell how long the oldest file has waited', async () => {
    expect(await samplesOf(seen())).toMatchObject({
      belay_upload_lag_seconds: 61,
      'belay_files{state="pending"}': 1,
      'belay_files{state="delivered"}': 3,
      belay_uploader_files_delivered_total: 3,
      belay_data_disk_free_bytes: 12e9,
      belay_data_disk_low: 0,
    })
  })

  it('tell that none waits', async () => {
    const { uploader } = daemonState()
    const state = daemonState({ uploader: { ...uploader, oldestUndelivered: null } })
    expect((await samplesOf(seen({ state })))['belay_upload_lag_seconds']).toBe(0)
  })
})

describe('the metrics of the process', () => {
  it('tell what its heartbeat has noticed', async () => {
    expect(await samplesOf(seen())).toMatchObject({
      belay_event_loop_stalls_total: 2,
      belay_event_loop_stalled_seconds_total: 3.5,
      belay_memory_budget_bytes: 2e9,
    })
  })
})

describe('all metrics', () => {
  it('include the delay of the event loop and what the process uses', async () => {
    const names = Object.keys(await samplesOf(seen()))
    expect(names).toEqual(
      expect.arrayContaining([
        'nodejs_eventloop_lag_p99_seconds',
        'process_resident_memory_bytes',
        'process_cpu_seconds_total',
      ]),
    )
  })

  it('are as Prometheus’ own checker wants them', async () => {
    const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], {
      input: await renderMetrics(seen()),
      encoding: 'utf8',
    })
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' })
  })
})
