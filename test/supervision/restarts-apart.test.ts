import { describe, expect, it } from 'vitest'
import { BadSpecError, createSupervisor, type SupervisorOptions, terminateChild } from '../../src/supervision/index.ts'
import { puppet, type PuppetOptions, Stage } from './harness.ts'

const slow = { startTimeout: 'infinity' } as const

/** The daemon in small: `manifest` takes `writer` and `uploader` along, and all three say when they are ready. */
function stageOf(options: SupervisorOptions = {}, more: Record<string, PuppetOptions> = {}): Stage {
  const children: Record<string, PuppetOptions> = {
    manifest: { ...slow, takesAlong: ['writer', 'uploader'] },
    writer: slow,
    uploader: slow,
    inspector: {},
    ...more,
  }
  const stage: Stage = new Stage({
    intensity: 5,
    period: 60_000,
    restartsApart: true,
    children: Object.entries(children).map(([id, rules]) => puppet(() => stage, id, rules)),
    ...options,
  })
  stage.start()
  for (const id of ['manifest', 'writer', 'uploader']) stage.puppet(id).ready()
  stage.take()
  return stage
}

const of = (stage: Stage, id: string) => stage.decisions.filter((line) => line.startsWith(`${id}:`))

describe('restarts apart, while one child is not ready again', () => {
  it('restart another that crashes at once, at the cost of the same budget', () => {
    const stage = stageOf()
    stage.puppet('writer').crash()
    stage.puppet('inspector').crash()
    stage.puppet('uploader').crash()
    expect(stage.take()).toEqual([
      'writer is gone',
      'writer starts',
      'inspector is gone',
      'inspector starts',
      'uploader is gone',
      'uploader starts',
    ])
    expect(stage.states).toEqual({
      manifest: 'running',
      writer: 'starting',
      uploader: 'starting',
      inspector: 'running',
    })
    expect(stage.snapshot.restartsLeft).toBe(2)
    stage.puppet('uploader').ready()
    stage.puppet('writer').ready()
    expect(stage.states).toMatchObject({ writer: 'running', uploader: 'running' })
  })

  it('end the supervisor once the budget that all share is spent', () => {
    const stage = stageOf({ intensity: 1 })
    stage.puppet('writer').crash()
    stage.puppet('inspector').crash()
    expect(stage.snapshot.output?.ended).toBe('shutdown')
    expect(stage.leftovers).toEqual({ actors: 0, timers: 0 })
  })

  it('let one wait that would take along what is being restarted, and say so at once', () => {
    const stage = stageOf()
    stage.puppet('writer').crash()
    stage.puppet('manifest').crash()
    expect(stage.states).toMatchObject({ manifest: 'waiting', writer: 'starting', uploader: 'running' })
    expect(stage.reports.at(-1)).toMatchObject({
      path: 'root/manifest',
      decision: 'wait',
      cause: { type: 'exit', of: 'manifest' },
      reason: 'manifest failed: boom: its turn comes after the start of writer',
    })
    stage.take()
    stage.puppet('writer').ready()
    expect(stage.take()).toEqual([
      'uploader hears drain',
      'uploader is gone',
      'writer hears drain',
      'writer is gone',
      'manifest starts',
    ])
    for (const id of ['manifest', 'writer', 'uploader']) stage.puppet(id).ready()
    expect(stage.epochs).toEqual({ manifest: 2, writer: 3, uploader: 2, inspector: 1 })
    expect(stage.snapshot.restartsLeft).toBe(3)
  })

  it('let nobody overtake the one that waits and that will take it along', () => {
    const stage = stageOf()
    stage.puppet('writer').crash()
    stage.puppet('manifest').crash()
    stage.puppet('uploader').crash()
    stage.puppet('inspector').crash()
    expect(stage.states).toEqual({
      manifest: 'waiting',
      writer: 'starting',
      uploader: 'waiting',
      inspector: 'running',
    })
    stage.puppet('writer').ready()
    for (const id of ['manifest', 'writer', 'uploader']) stage.puppet(id).ready()
    // The uploader was started again with the manifest, and its own crash is forgotten.
    expect(stage.epochs).toEqual({ manifest: 2, writer: 3, uploader: 2, inspector: 2 })
  })

  it('answer calls about the others, and keep one about it for later', async () => {
    const stage = stageOf()
    stage.puppet('writer').crash()
    const answers: string[] = []
    void terminateChild(stage.supervisor, 'writer').then(() => answers.push('writer'))
    void terminateChild(stage.supervisor, 'inspector').then(() => answers.push('inspector'))
    await stage.clock.advanceAsync(0)
    expect(answers).toEqual(['inspector'])
    stage.puppet('writer').ready()
    await stage.clock.advanceAsync(0)
    expect(answers).toEqual(['inspector', 'writer'])
    expect(stage.states).toMatchObject({ writer: 'terminated', inspector: 'terminated' })
  })

  it('keep a call about one waiting on while that one is in the hands of what came before the call', async () => {
    const stage = stageOf({}, { writer: { ...slow, onDrain: 'drains when told' } })
    stage.puppet('writer').crash()
    stage.puppet('manifest').crash()
    const answers: string[] = []
    void terminateChild(stage.supervisor, 'writer').then(() => answers.push('writer'))
    stage.puppet('writer').ready()
    await stage.clock.advanceAsync(0)
    expect(stage.states).toMatchObject({ manifest: 'restarting', writer: 'stopping' })
    // For the manifest's sake; then the three are started, and the call has its turn.
    stage.puppet('writer').finish()
    for (const id of ['manifest', 'writer', 'uploader']) stage.puppet(id).ready()
    await stage.clock.advanceAsync(0)
    expect(stage.states).toMatchObject({ manifest: 'running', writer: 'stopping', uploader: 'running' })
    expect(answers).toEqual([])
    stage.puppet('writer').finish()
    await stage.clock.advanceAsync(0)
    expect(stage.states).toMatchObject({ manifest: 'running', writer: 'terminated', uploader: 'running' })
    expect(answers).toEqual(['writer'])
  })

  it('stop both when everything is to stop, in the order of the stop', () => {
    const stage = stageOf({ stopOrder: ['writer', 'uploader', 'inspector', 'manifest'] })
    stage.puppet('writer').crash()
    stage.puppet('uploader').crash()
    stage.take()
    stage.supervisor.send({ type: 'drain' })
    expect(stage.take()).toEqual([
      'writer hears drain',
      'writer is gone',
      'uploader hears drain',
      'uploader is gone',
      'inspector hears drain',
      'inspector is gone',
      'manifest hears drain',
      'manifest is gone',
    ])
    expect(stage.snapshot.output).toMatchObject({ ended: 'asked', drained: true })
    expect(stage.leftovers).toEqual({ actors: 0, timers: 0 })
  })

  it('keep to the order of the start until everything has started', () => {
    const stage: Stage = new Stage({
      restartsApart: true,
      children: [puppet(() => stage, 'log'), puppet(() => stage, 'writer', slow), puppet(() => stage, 'last')],
    })
    stage.start()
    stage.puppet('log').crash()
    expect(stage.states).toEqual({ log: 'waiting', writer: 'starting', last: 'waiting' })
    expect(of(stage, 'log')).toEqual(['log: start', 'log: carry_on', 'log: wait'])
    stage.puppet('writer').ready()
    expect(stage.states).toEqual({ log: 'running', writer: 'running', last: 'running' })
    expect(stage.epochs).toEqual({ log: 2, writer: 1, last: 1 })
  })
})

describe('a crash that waits its turn, where nothing is restarted apart', () => {
  it('is reported when it happens, and decided when its turn comes', () => {
    const stage = stageOf({ restartsApart: false })
    stage.puppet('writer').crash()
    stage.clock.advance(1_000)
    stage.puppet('inspector').crash()
    expect(stage.states).toMatchObject({ writer: 'starting', inspector: 'waiting' })
    expect(stage.reports.at(-1)).toMatchObject({ path: 'root/inspector', epoch: 1, decision: 'wait', at: 1_000 })
    stage.clock.advance(1_000)
    stage.puppet('writer').ready()
    expect(of(stage, 'inspector').slice(2)).toEqual([
      'inspector: wait',
      'inspector: restart',
      'inspector: start',
      'inspector: carry_on',
    ])
  })
})

describe('restarts apart', () => {
  it.each(['one_for_all', 'rest_for_one', 'simple_one_for_one'] as const)('are refused with %s', (strategy) => {
    expect(() => createSupervisor({ strategy, restartsApart: true })).toThrow(
      new BadSpecError(
        `children of ${strategy} can't be restarted apart: only those of one_for_one have restarts of their own`,
      ),
    )
  })
})
