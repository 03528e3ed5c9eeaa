import type { Mutant } from './mutant.ts'

const outlives = 'nothing outlives the daemon'
const rows = 'every row is accounted for'
const bounded = 'every stop ends within its computed bound'

/** Mistakes that were there until the simulation found them: `knownFailures` has the runs. */
export const foundMutants: readonly Mutant[] = [
  {
    name: 'a child that fails while it is stopped before it was ready is waited for',
    file: 'supervision/child-events.ts',
    find: "  if (child?.state === 'stopping')\n    childEnded(turn,",
    replace: "  if (child?.state === 'terminated')\n    childEnded(turn,",
    breaks: bounded,
  },
  {
    name: 'a bug in a count of files is nobody’s',
    file: 'storage/file-counter.ts',
    find: 'this.#countOn().catch(this.#onBug)',
    replace: 'void this.#countOn()',
    breaks: 'no error goes unheard',
  },
  {
    name: 'a restarted group of cameras does not wait for what its last life had open',
    file: 'supervision/child-actor.ts',
    find: 'else this.#onDeserted = () => this.#gone(last)',
    replace: 'else this.#gone(last)',
    breaks: 'a camera is opened by one life of it at a time',
  },
  {
    name: 'the counter of files pauses on although its manifest is let go',
    file: 'storage/file-counter.ts',
    find: '    while (this.#manifest !== undefined) {\n      await this.#wait()',
    replace: '    for (;;) {\n      await this.#wait()',
    breaks: outlives,
  },
  {
    name: 'a writer that is told to drain while it scans leaves what is queued',
    file: 'machines/csv-writer-machine.ts',
    find: "          { guard: 'mayHoldRequests', actions: 'noteDrain' },\n",
    replace: '',
    breaks: rows,
  },
  {
    name: 'the end of the log does not wait for its flush',
    file: 'slots/log-slot.ts',
    find: '            loose.add(flushed)\n',
    replace: '',
    breaks: outlives,
  },
  {
    name: 'nobody waits for a manifest that is being opened',
    file: 'slots/manifest-slot.ts',
    find: '            loose.add(opening)\n',
    replace: '',
    and: {
      file: 'slots/manifest-slot.ts',
      find: '      // A life that is over counts no boot and hands nothing on: whoever waits for this closes it.\n      signal.throwIfAborted()\n',
      replace: '',
    },
    breaks: outlives,
  },
  {
    name: 'a writer that is started anew waits for a manifest whose restart waits for that writer',
    file: 'slots/stage.ts',
    find: '  if (isLettingGo) throw',
    replace: '  if (isLettingGo || manifest === undefined) throw',
    breaks: 'after the faults everything becomes ready again',
  },
]

/** As `foundMutants`, and so rare that 2,000 seeds don't meet them: each is held by its tape alone. */
export const rareMutants: readonly Mutant[] = [
  {
    name: 'an operator’s call waits for a supervisor that has ended',
    file: 'slots/operator.ts',
    find: 'supervisor.subscribe({ complete: noAnswer, error: noAnswer })',
    replace: 'supervisor.subscribe({})',
    and: {
      file: 'slots/operator.ts',
      find: ".status !== 'active') return Promise",
      replace: ".status === 'nothing') return Promise",
    },
    breaks: outlives,
  },
  {
    name: 'a writer’s end does not wait for files that its scan had left open',
    file: 'slots/csv-writer-slot.ts',
    find: 'loose.settled().then(() => queue.ledger.released())',
    replace: 'loose.settled()',
    breaks: outlives,
  },
]
