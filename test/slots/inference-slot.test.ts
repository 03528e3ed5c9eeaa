import { describe, expect, it } from 'vitest'
import { type ActorRefFrom, createActor } from 'xstate'
import type { ModelToLoad } from '../../src/domain/model.ts'
import { milliseconds, minutes, seconds } from '../../src/domain/units.ts'
import type { inferenceMachine } from '../../src/machines/inference-machine.ts'
import { daemonState } from '../../src/slots/daemon-state.ts'
import { inferenceSlot } from '../../src/slots/inference-slot.ts'
import { createStage } from '../../src/slots/stage.ts'
import { createSupervisor } from '../../src/supervision/index.ts'
import { configOf } from '../config/small-config.ts'
import { FakeModelRunner, type FakeRun } from '../fakes/fake-model-runner.ts'
import { settle, VirtualClock } from '../fakes/virtual-clock.ts'
import { startLane } from '../frame-path/support.ts'
import { absent, configText, type Line, logInto, not, plain } from './run-cameras.ts'

/** Keeps what it is asked for; of each model it says that it could not be had on CUDA. */
class DecliningRunner extends FakeModelRunner {
  readonly asked: (readonly ModelToLoad[])[] = []
  /** Why not, one worker after the other, and the last of them from then on. */
  reasons = ['no library']

  override async startWorker(models: readonly ModelToLoad[], signal: AbortSignal) {
    const reason = this.reasons[this.asked.length] ?? this.reasons.at(-1) ?? ''
    this.asked.push(models)
    const worker = await super.startWorker(models, signal)
    const declined = reason === '' ? [] : [{ provider: 'cuda', reason } as const]
    const loaded = worker.models.map((model) => ({ ...model, provider: 'cpu' as const, declined }))
    return Object.assign(worker, { models: loaded })
  }
}

/** The slot of inference under a root, with one live camera whose frames it inspects. */
async function runInference(settings: string, reasons = ['no library'], also = { models: '', camera: plain }) {
  const clock = new VirtualClock()
  const lines: Line[] = []
  const runner = Object.assign(new DecliningRunner(), { reasons })
  const config = await configOf(configText({ 'dock-1': also.camera }, `${also.models}inference: ${settings}\n`))
  const stage = createStage(config, {
    clock,
    random: () => 0,
    log: logInto(lines),
    videoSource: not('A camera'),
    modelRunner: Object.assign(runner, { ended: not('The end of threads') }),
    cores: 2,
    ...absent,
  })
  const { lane, capture } = startLane({ clock, workers: 2 })
  stage.scheduler.add(lane)
  const root = createActor(createSupervisor({ clock, children: [inferenceSlot(stage)] }), { id: 'root', clock })
  root.start()
  await settle()
  const slot = root.getSnapshot().children[0]?.ref as ActorRefFrom<typeof inferenceMachine>
  const state = () => slot.getSnapshot()
  /** Its reasons, as the page shows them. */
  const whys: string[] = []
  slot.subscribe(({ context }) => void whys.push(context.why))
  const said = (fact: string) => lines.filter((line) => line.fact === fact)
  const begin = async (): Promise<FakeRun> => {
    capture()
    await settle()
    const run = runner.running.at(-1)
    if (run === undefined) throw new Error('Nothing runs')
    return run
  }
  return { clock, stage, runner, lane, begin, said, state, whys }
}

describe('the slot of inference', () => {
  it('asks for the providers in the order in which they are configured, and says in one line what could not be had', async () => {
    const { runner, said } = await runInference('{ providers: [tensorrt, cuda], workers: 2 }')
    expect(runner.asked.map(([model]) => model?.providers)).toEqual([
      ['tensorrt', 'cuda'],
      ['tensorrt', 'cuda'],
    ])
    const fields = { model: 'particles', provider: 'cuda', reason: 'no library', instead: 'cpu' }
    expect(said('provider.declined')).toMatchObject([{ level: 'warn', path: 'root/inference', fields }])
  })

  it('tells a model that reads what pictures the cameras give it, those of a reload too', async () => {
    const { stage, runner, begin } = await runInference('{ workers: 1 }', ['no library'], {
      models: '  codes: { kind: read, file: /codes.onnx, detector: /lines.onnx }\n',
      camera: 'detect: { model: particles }, read: { model: codes }',
    })
    const given = () => runner.asked.at(-1)?.map(({ name, pictures }) => ({ name, pictures }))
    expect(given()).toEqual([
      { name: 'particles', pictures: undefined },
      { name: 'codes', pictures: [{ size: 'auto', models: ['particles', 'codes'] }] },
    ])
    stage.cameras = stage.cameras.map((camera) => ({ ...camera, picture: { width: 1280, height: 720 } }))
    const run = await begin()
    run.die()
    await settle()
    await settle()
    expect(given()?.[1]?.pictures).toEqual([{ size: { width: 1280, height: 720 }, models: ['particles', 'codes'] }])
  })

  it('says of workers that are not the first what could not be had, of replacements too, and each once', async () => {
    const { begin, said } = await runInference('{ workers: 2 }', ['', 'no room', 'no room', 'no device'])
    const reasons = () => said('provider.declined').map(({ fields }) => fields['reason'])
    expect(reasons()).toEqual(['no room'])
    for (const expected of [['no room'], ['no room', 'no device']]) {
      const run = await begin()
      run.die()
      await settle()
      await settle()
      expect(reasons()).toEqual(expected)
    }
  })

  it('gives a frame the time that is configured, and no more', async () => {
    const { clock, lane, begin } = await runInference('{ deadline: 3s }')
    await begin()
    await clock.advanceAsync(seconds(3) - 1)
    expect(lane.stats.counts.failed.timeout).toBe(0)
    await clock.advanceAsync(1)
    expect(lane.stats.counts.failed.timeout).toBe(1)
  })

  it.each([
    { how: 'hangs', lose: (_: FakeRun, clock: VirtualClock) => clock.advance(seconds(2)), why: 'took too long over' },
    { how: 'dies', lose: (run: FakeRun) => run.die(), why: 'died of' },
  ])('shows a worker that $how, and that a fresh one serves', async ({ lose, why }) => {
    const { clock, begin, whys } = await runInference('{ workers: 2 }')
    lose(await begin(), clock)
    await settle()
    await settle()
    expect(whys).toEqual([
      `a worker ${why} frame 0 of dock-1, and was given up`,
      'a fresh worker has taken the place of one given up',
    ])
  })

  it.each([
    { wedgedLimit: 1, ends: 'wedged' },
    { wedgedLimit: 2, ends: { online: 'serving' } },
  ])('is $ends where one worker hangs and at most $wedgedLimit may not', async ({ wedgedLimit, ends }) => {
    const { clock, begin, state } = await runInference(`{ wedgedLimit: ${wedgedLimit}, deadline: 1s }`)
    await begin()
    await clock.advanceAsync(seconds(2))
    expect(state().value).toEqual(ends)
  })

  it('says why a model fails on a frame, and goes on', async () => {
    const { begin, said, state } = await runInference('{}')
    const run = await begin()
    run.fail('it found class 2, and 2 labels are given')
    await settle()
    expect(said('frames failed')).toMatchObject([
      { level: 'warn', fields: { model: 'bolts', why: 'it found class 2, and 2 labels are given', frames: 1 } },
    ])
    expect(state().value).toEqual({ online: 'serving' })
  })

  it('shows and says what keeps a fresh worker from its place, and what to do', async () => {
    const { begin, runner, said, state } = await runInference('{ workers: 2 }')
    runner.digests = ['', '', 'another']
    const run = await begin()
    run.die()
    await settle()
    await settle()
    const why = expect.stringMatching(/its file is not the one that the other workers have loaded/) as string
    const advice =
      'The other workers go on with what they have loaded. Put that file back, or restart Belay to take the new one'
    expect(said('worker.refused')).toMatchObject([{ level: 'warn', fields: { model: 'particles', why, advice } }])
    expect(state().context.why).toMatch(/restart Belay to take the new one$/)
    expect(state().value).toEqual({ online: 'serving' })
  })

  it('is short of a thread after 5 minutes without, and no more once it has one again', async () => {
    const { begin, clock, runner, stage } = await runInference('{ workers: 2 }')
    const zero = milliseconds(0)
    const heart = { stalls: 0, stalledFor: zero, delay: zero, memory: 0, memoryBudget: 0 }
    const isShort = () =>
      daemonState(stage, { version: '0', phase: 'running', actors: [], heart }).inference.workers.isShort
    runner.digests = ['', '', ...Array<string>(100).fill('another')]
    await clock.advanceAsync(minutes(60))
    expect(isShort()).toBe(false)
    const run = await begin()
    run.die()
    await settle()
    clock.step(minutes(60))
    await clock.advanceAsync(minutes(5) - 1)
    expect(isShort()).toBe(false)
    await clock.advanceAsync(milliseconds(1))
    expect(isShort()).toBe(true)
    runner.digests = []
    await clock.advanceAsync(minutes(1))
    expect(isShort()).toBe(false)
  })

  it('says when the pool was loaded afresh with another model', async () => {
    const { begin, clock, runner, said, state } = await runInference('{ workers: 1 }')
    runner.digests = ['', 'another', 'another']
    const run = await begin()
    run.die()
    await settle()
    await clock.advanceAsync(seconds(1))
    expect(state().value).toEqual({ online: 'serving' })
    expect(said('model.changed')).toMatchObject([{ level: 'warn', fields: { model: 'particles' } }])
  })
})
