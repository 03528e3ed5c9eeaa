import type { Mutant } from './mutant.ts'

const ready = 'after the faults everything becomes ready again'

/** Mistakes that somebody might make where a camera or a model ails. */
export const ailingMutants: readonly Mutant[] = [
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
  {
    name: 'a stream that is well again is shown as it was',
    file: 'machines/camera-machine.ts',
    find: "            'stream.fresh': { target: '.streaming', actions: 'noteJudgement' },\n",
    replace: '',
    breaks: ready,
  },
  {
    name: 'a stream that was frozen once stays so',
    file: 'frame-path/lane-watch.ts',
    find: 'this.unchangedSince = isSame ? (this.unchangedSince ?? at) : undefined',
    replace: 'this.unchangedSince ??= isSame ? at : undefined',
    breaks: ready,
  },
]
