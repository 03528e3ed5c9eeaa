import { fromEvents } from '../actors/from-events.ts'
import { Loose } from '../actors/loose.ts'
import type { LoadedModel, ModelToLoad } from '../domain/model.ts'
import { serveInference } from '../frame-path/inference-pool.ts'
import type { PoolEvent } from '../frame-path/pool-events.ts'
import { inferenceMachine, type PoolDrained, type PoolFact } from '../machines/inference-machine.ts'
import { provide } from '../machines/provide.ts'
import type { Log } from '../ports/log.ts'
import { type ChildSpec, run } from '../supervision/index.ts'
import { picturesFor } from '../config/model-uses.ts'
import { createFailureLog } from '../logging/failure-log.ts'
import { reporting } from '../logging/reporting.ts'
import { after, retries } from './retries.ts'
import type { Stage } from './stage.ts'
import { workerCount } from '../config/worker-count.ts'

/** Ready once every worker has loaded and run every model, so that a camera never waits for a model that doesn't fit. */
export const inferenceSlot = (stage: Stage): ChildSpec => ({
  id: 'inference',
  restart: 'permanent',
  shutdown: stage.config.stop.inference,
  startTimeout: 'infinity',
  start(incarnation) {
    const { config, world, scheduler } = stage
    const log = stage.log.at(incarnation.path)
    const workers = workerCount(config, world.cores)
    const onFailedFrame = createFailureLog(log, world.clock)
    const loose = new Loose(incarnation.signal)
    incarnation.defer(() => loose.settled())
    const servePool = fromEvents<PoolFact, undefined, PoolDrained>(loose, async function* ({ signal, finish }) {
      const { wedgedLimit, deadline } = config.inference
      const events = serveInference({
        runner: stage.runner,
        // Anew for each worker: a reload changes the cameras.
        get models() {
          return modelsToLoad(stage)
        },
        workers,
        deadline,
        mostWedged: wedgedLimit === 'auto' ? undefined : wedgedLimit,
        hung: stage.hung,
        scheduler,
        clock: world.clock,
        onFailedFrame,
        signal,
        finish,
      })
      const tellOf = modelsTeller(log)
      const note = (event: PoolEvent) => {
        if (event.type === 'pool.ready') {
          for (const { name } of changedModels(stage.models, event.models))
            log.warn('model.changed', { model: name, why: 'the pool was loaded afresh, and found another file' })
          stage.models = event.models
        }
        if (event.type === 'pool.ready' || event.type === 'worker.replaced') tellOf(event.models)
      }
      const facts = reporting(log, events, note)
      for (;;) {
        const next = await facts.next()
        if (next.done === true) return next.value
        const fact = factOf(next.value)
        if (fact !== undefined) yield fact
      }
    })
    return run(
      provide(inferenceMachine, {
        actors: { servePool },
        delays: { reloadDelay: after(retries.inference, world.random) },
      }),
      { loadedOnce: stage.models.length > 0, framesOwed: () => scheduler.owed },
    )
  },
})

const modelsToLoad = ({ config, cameras }: Stage): ModelToLoad[] =>
  config.models.map((model) => ({
    ...model,
    providers: config.inference.providers,
    ...(model.kind === 'read' && { pictures: picturesFor(model.name, cameras) }),
  }))

/** Says of models what is not as it could be, each of it once. */
function modelsTeller(log: Log): (models: readonly LoadedModel[]) => void {
  const told = new Set<string>()
  const isNew = (...words: string[]): boolean => {
    const before = told.size
    return told.add(JSON.stringify(words)).size > before
  }
  return (models) => {
    for (const { name, provider, declined, beside, reads } of models) {
      for (const one of [{ provider, declined }, reads?.finds]) {
        for (const not of one?.declined ?? []) {
          if (isNew(name, not.provider, not.reason))
            log.warn('provider.declined', { model: name, ...not, instead: one?.provider })
        }
      }
      if (beside !== undefined && isNew(name, beside)) log.info('model.slower', { model: name, why: beside })
    }
  }
}

/** Those that are made of other files than in the pool before. */
const changedModels = (before: readonly LoadedModel[], now: readonly LoadedModel[]): LoadedModel[] =>
  now.filter(({ name, digest }) => before.some((model) => model.name === name && model.digest !== digest))

/** What the machine hears of what the pool says. */
function factOf(event: PoolEvent): PoolFact | undefined {
  switch (event.type) {
    case 'pool.ready':
      return { type: 'pool.ready', workers: event.workers }
    case 'worker.retired':
      return { type: 'worker.retired', why: `${wordsOf(event)}, and was given up` }
    case 'worker.replaced':
      return { type: 'worker.replaced' }
    case 'worker.refused':
      return { type: 'worker.refused', why: `${event.why}. ${event.advice}` }
    case 'worker.returned':
    case 'pool.wedged':
      return undefined
  }
}

function wordsOf(event: Extract<PoolEvent, { type: 'worker.retired' }>): string {
  if (event.why === 'loading') return 'a fresh worker took too long to load its models'
  const { cameraId, number } = event.frame
  return `a worker ${event.why === 'timeout' ? 'took too long over' : 'died of'} frame ${number} of ${cameraId}`
}
