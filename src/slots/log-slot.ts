import { Loose } from '../actors/loose.ts'
import { createResourceActors } from '../actors/resource.ts'
import { resourceMachine } from '../machines/resource-machine.ts'
import { provide } from '../machines/provide.ts'
import { type ChildSpec, run } from '../supervision/index.ts'
import type { Stage } from './stage.ts'

/** First to start and last to stop, so that every other slot's last words are on their way before the process ends. */
export const logSlot = ({ world, config }: Stage): ChildSpec => ({
  id: 'log',
  restart: 'permanent',
  shutdown: config.stop.others,
  startTimeout: 'infinity',
  start(incarnation) {
    const loose = new Loose(incarnation.signal)
    incarnation.defer(() => loose.settled())
    return run(
      provide(resourceMachine, {
        actors: createResourceActors({
          open: async () => `writes at level ${config.log.level}`,
          close() {
            const flushed = world.log.flush()
            loose.add(flushed)
            return flushed
          },
        }),
      }),
      { openedOnce: false },
    )
  },
})
