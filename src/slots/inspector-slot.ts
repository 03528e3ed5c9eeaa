import { Loose } from '../actors/loose.ts'
import { createServeHttp } from '../actors/serve-http.ts'
import type { Shown } from '../inspection-feed/shown.ts'
import { inspectorMachine } from '../machines/inspector-machine.ts'
import { provide } from '../machines/provide.ts'
import { type ChildSpec, run } from '../supervision/index.ts'
import { after, retries } from './retries.ts'
import type { Stage } from './stage.ts'

export const inspectorSlot = (stage: Stage, shown: Shown): ChildSpec => ({
  id: 'inspector',
  restart: 'permanent',
  shutdown: stage.config.stop.others,
  startTimeout: 'infinity',
  start(incarnation) {
    const loose = new Loose(incarnation.signal)
    incarnation.defer(() => loose.settled())
    return run(
      provide(inspectorMachine, {
        actors: { serveHttp: createServeHttp(stage.world.httpServer(shown), loose) },
        delays: { rebindDelay: after(retries.address, stage.world.random) },
      }),
    )
  },
})
