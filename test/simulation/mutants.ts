import type { Invariant } from './referee.ts'

/** One mistake that somebody might make, as a change of one place of one file. */
export interface Mutant {
  readonly name: string
  /** Below `src`. */
  readonly file: string
  /** Stands in the file exactly once. */
  readonly find: string
  readonly replace: string
  /** What it breaks, where one thing is bound to break first. */
  readonly breaks?: Invariant
}

export const mutants: readonly Mutant[] = [
  {
    name: 'the start goes on once a slot is spawned, and not once it is ready',
    file: 'slots/csv-writer-slot.ts',
    find: "  startTimeout: 'infinity',\n",
    replace: '',
    breaks: 'no camera is opened before the writer is ready for the first time',
  },
  {
    name: 'all slots drain at once',
    file: 'supervision/stop.ts',
    find: "const together = concurrent || strategy === 'simple_one_for_one'",
    replace: 'const together = true',
  },
  {
    name: 'the stop order is the start order reversed',
    file: 'daemon.ts',
    find: '    stopOrder,\n',
    replace: '',
  },
  {
    name: 'files are handed over by message only: the start scan takes in none',
    file: 'storage/start-scan.ts',
    find: '    await adoptSealedFiles(world, options, report)\n',
    replace: '',
  },
  {
    name: 'rows are accepted before they are synced',
    file: 'storage/open-file.ts',
    find: '    await this.#write(bytes)\n    await this.file.datasync()\n',
    replace: '    await this.#write(bytes)\n',
    breaks: 'every accepted row is in exactly one file exactly once',
  },
  {
    name: 'the name of a new file is not synced',
    file: 'storage/open-file.ts',
    find: '    if (isFirst) await this.disk.syncFolder(openFolder)\n',
    replace: '',
    breaks: 'every accepted row is in exactly one file exactly once',
  },
  {
    name: 'a restarted writer does not know what its last life had accepted',
    file: 'storage/start-scan.ts',
    find: 'mendOpenFile(world.disk, name, ledger.openFiles.get(path), priorityOf)',
    replace: 'mendOpenFile(world.disk, name, undefined, priorityOf)',
    breaks: 'every accepted row is in exactly one file exactly once',
  },
  {
    name: 'a stop is not heard while a camera connects',
    file: 'machines/camera-machine.ts',
    find: "  on: { drain: { target: '.draining', actions: assign({ why: 'asked to drain' }) } },\n",
    replace: '',
  },
  {
    name: 'frames count from 0 in each life, in one epoch',
    file: 'frame-path/camera-lane.ts',
    find: 'if (epoch !== ledger.epoch) ledger.nextNumber = 0\n    ledger.epoch = epoch',
    replace: 'ledger.nextNumber = 0\n    ledger.epoch = 1',
  },
  {
    name: 'boots are not counted',
    file: 'slots/manifest-slot.ts',
    find: 'opened.beginBoot(stage.world.clock.now())',
    replace: 'opened.beginBoot(stage.world.clock.now()).then((boot) => Math.min(1, boot))',
  },
  {
    name: 'a restarted camera does not wait for its last process',
    file: 'slots/cameras-slot.ts',
    find: '      await loose.settled()\n      await source.released()\n    }, seconds(4))',
    replace: '    }, seconds(4))',
  },
  {
    name: 'files grow under their final name',
    file: 'delivery/remote-names.ts',
    find: "  return below(names.folder, folder === '' ? part : `${folder}/${part}`)\n",
    replace: "  return part === '' ? folder : below(names.folder, file.path)\n",
  },
  {
    name: 'a try without an answer counts as delivered',
    file: 'delivery/try-file.ts',
    find: '  if (!(result instanceof OperatingError)) {\n',
    replace: '  if (!(result instanceof OperatingError) || result instanceof SftpUnknownOutcomeError) {\n',
    breaks: 'every accepted row is in exactly one file exactly once',
  },
  {
    name: 'each try gives the file another name, so that an answer that was lost makes two of it',
    file: 'delivery/deliver-file.ts',
    find: '  const final = finalPath(names, file)\n',
    replace: "  const final = finalPath(names, file).replace('.csv', `-${attempt}.csv`)\n",
    breaks: 'every accepted row is in exactly one file exactly once',
  },
  {
    name: 'a manifest that crashes takes nobody along',
    file: 'slots/manifest-slot.ts',
    find: "  takesAlong: ['csv-writer', 'uploader'],\n",
    replace: '',
  },
  {
    name: 'what an uploader left in its hands stays there',
    file: 'delivery/deliver-due.ts',
    find: '    await manifest.release(clock.now())\n',
    replace: '',
  },
  {
    name: 'what does not drain is not cut off',
    file: 'supervision/stop-child.ts',
    find: "shutdown === 'brutal_kill' || within === Infinity\n",
    replace: "shutdown === 'brutal_kill' || within === Infinity || turn.phase === 'stopping'\n",
    breaks: 'every stop ends within its computed bound',
  },
  {
    name: 'a child that fails while it is stopped before it was ready is waited for',
    file: 'supervision/child-events.ts',
    find: "  if (child?.state === 'stopping')\n    childEnded(turn,",
    replace: "  if (child?.state === 'terminated')\n    childEnded(turn,",
  },
  {
    name: 'a slot of the ring is free before its frame is answered',
    file: 'frame-path/camera-lane.ts',
    find: '    const settle = this.#enter()\n',
    replace: '    const settle = this.#enter()\n    this.#ring.release(slot)\n',
  },
  {
    name: 'a bug of one actor is taken for bad luck, and spends no restart',
    file: 'machines/lifecycle.ts',
    find: 'failureOf(failed) instanceof OperatingError',
    replace: 'failureOf(failed) instanceof Error',
  },
]
