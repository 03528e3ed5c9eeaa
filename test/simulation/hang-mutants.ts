import type { Mutant } from './mutants.ts'

const ready = 'after the faults everything becomes ready again'

/** Mistakes that somebody might make where threads hang in a model. */
export const hangMutants: readonly Mutant[] = [
  {
    name: 'threads that hang are replaced without end',
    file: 'frame-path/wedge-watch.ts',
    find: '    return this.count >= this.#options.most\n',
    replace: '    return false\n',
    breaks: ready,
  },
  {
    name: 'a pool that is wedged lets the daemon run on',
    file: 'daemon.ts',
    find: "      stopRequest.wedged()\n      root.send({ type: 'drain' })\n",
    replace: '      stopRequest.wedged()\n',
    breaks: ready,
  },
  {
    name: 'a frame that has had its time in a model is nobody’s',
    file: 'frame-path/worker-life.ts',
    find: '      onOutcome(job, outcome)\n      return { job, outcome }\n',
    replace: '      return { job, outcome }\n',
    breaks: 'every frame is accounted for',
  },
]
