/** A root with two machines: the store starts first, the reader stops first, and each drains in its own time. */
import { createActor, setup } from 'xstate'
import { createSupervisor, run, type SupervisorClock, systemClock } from '../index.ts'

/** Says what it does; what is asked of it last is to drain, and it takes `settle` ms for that. */
const worker = setup({
  types: {} as {
    input: { readonly name: string; readonly say: (line: string) => void; readonly settle: number }
    context: { readonly name: string; readonly say: (line: string) => void; readonly settle: number }
    events: { readonly type: 'drain' }
  },
  actions: {
    say: ({ context }, { what }: { readonly what: string }) => context.say(`${context.name} ${what}`),
  },
  delays: { settle: ({ context }) => context.settle },
}).createMachine({
  context: ({ input }) => input,
  initial: 'working',
  states: {
    working: { entry: { type: 'say', params: { what: 'works' } }, on: { drain: 'draining' } },
    draining: { entry: { type: 'say', params: { what: 'drains' } }, after: { settle: 'done' } },
    done: { type: 'final', entry: { type: 'say', params: { what: 'is done' } } },
  },
})

export function startPlant(say: (line: string) => void, clock: SupervisorClock = systemClock) {
  const root = createActor(
    createSupervisor({
      intensity: 5,
      period: 60_000,
      children: [
        { id: 'store', takesAlong: ['reader'], start: () => run(worker, { name: 'store', say, settle: 100 }) },
        {
          id: 'reader',
          start(life) {
            life.defer(() => say('reader lets go of its device'))
            return run(worker, { name: 'reader', say, settle: 200 })
          },
        },
      ],
      stopBudget: { total: 10_000, afterSecondStop: 1_000 },
      clock,
    }),
    { id: 'root', clock },
  )
  root.subscribe(({ output }) => {
    if (output !== undefined) say(`${output.ended}, ${output.drained ? 'all drained' : 'not all drained'}`)
  })
  root.start()
  // In a program: process.once('SIGTERM', stop)
  return { root, stop: () => root.send({ type: 'drain' }) }
}
