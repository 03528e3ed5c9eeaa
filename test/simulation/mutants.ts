import { foundMutants, rareMutants } from './found-mutants.ts'
import { ailingMutants } from './ailing-mutants.ts'
import { packingMutants } from './packing-mutants.ts'
import type { Invariant } from './referee.ts'
import { setAsideMutants } from './set-aside-mutants.ts'

/** Text of one file below `src`, which stands in it exactly once, and what stands there instead. */
export interface Change {
  readonly file: string
  readonly find: string
  readonly replace: string
}

/** One mistake that somebody might make. */
export interface Mutant extends Change {
  readonly name: string
  /** Another line of defence, which alone would make up for the mistake, or for which the mistake makes up: it is gone too. */
  readonly and?: Change
  /** What finds it out. */
  readonly breaks: Invariant
}

const rows = 'every accepted row is in exactly one file exactly once'

/** Mistakes that somebody might make anywhere else than where sealed files are packed. */
export const plainMutants: readonly Mutant[] = [
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
    breaks: 'the writer drains only when every camera and the pool are gone',
  },
  {
    name: 'the stop order is the start order reversed',
    file: 'daemon.ts',
    find: '    stopOrder,\n',
    replace: '',
    breaks: 'the uploader drains only when the writer is gone',
  },
  {
    name: 'files are handed over by message only: the start scan takes in none',
    file: 'storage/start-scan.ts',
    find: '  await adoptSealedFiles(world, options, report)\n',
    replace: '',
    breaks: 'after the faults everything sealed is delivered',
  },
  {
    name: 'rows are accepted before they are synced',
    file: 'storage/open-file.ts',
    find: '    await writeWhole(this.file, bytes, this.#bytes, this.path)\n    await this.file.datasync()\n',
    replace: '    await writeWhole(this.file, bytes, this.#bytes, this.path)\n',
    breaks: rows,
  },
  {
    name: 'the name of a new file is not synced',
    file: 'storage/open-file.ts',
    find: '    if (isFirst) await this.disk.syncFolder(openFolder)\n',
    replace: '',
    breaks: rows,
  },
  {
    name: 'a file is handed over before it has its name',
    file: 'storage/seal-file.ts',
    find: '  await renameOnce(disk, from, file.path)\n',
    replace: '  await manifest.add(file, clock.now(), handOver)\n  await renameOnce(disk, from, file.path)\n',
    breaks: 'what the manifest says of a file is so',
  },
  {
    name: 'a restarted writer does not know what its last life had accepted',
    file: 'storage/seal-left-open.ts',
    find: 'mendOpenFile(world.disk, openName, ledger.openFiles.get(path), priorityOf)',
    replace: 'mendOpenFile(world.disk, openName, undefined, priorityOf)',
    breaks: rows,
  },
  {
    name: 'a stop is not heard while a camera connects',
    file: 'machines/camera-machine.ts',
    find: "  on: { drain: { target: '.draining', actions: assign({ why: 'asked to drain' }) } },\n",
    replace: '',
    breaks: 'every stop ends within its computed bound',
  },
  {
    name: 'frames count from 0 in each life, in one epoch',
    file: 'frame-path/camera-lane.ts',
    find: 'if (epoch !== ledger.epoch) ledger.nextNumber = 0\n    ledger.epoch = epoch',
    replace: 'ledger.nextNumber = 0\n    ledger.epoch = 1',
    breaks: rows,
  },
  {
    name: 'a restart begins no new epoch',
    file: 'supervision/start.ts',
    find: 'const epoch = child.epoch + 1\n',
    replace: 'const epoch = Math.max(1, child.epoch)\n',
    breaks: 'each life of an actor has a higher epoch',
  },
  {
    // Alone, each is harmless: a life says only once that it has ended, and what it says twice is known by its epoch.
    name: 'an older life is believed when it says again that it has ended',
    file: 'supervision/child-events.ts',
    find: 'return child?.epoch === epoch ? child : undefined',
    replace: 'return child?.epoch === epoch || child !== undefined ? child : undefined',
    and: {
      file: 'supervision/child-actor.ts',
      find: 'if (last !== undefined) this.#tell(last)\n',
      replace:
        'if (last !== undefined) {\n      this.#tell(last)\n      queueMicrotask(() => this.#tell({ ...last }))\n    }\n',
    },
    breaks: 'every stop ends within its computed bound',
  },
  {
    name: 'boots are not counted',
    file: 'slots/manifest-slot.ts',
    find: 'opened.beginBoot(stage.world.clock.now())',
    replace: 'opened.beginBoot(stage.world.clock.now()).then((boot) => Math.min(1, boot))',
    breaks: rows,
  },
  {
    name: 'a restarted camera does not wait for its last process',
    file: 'slots/cameras-slot.ts',
    find: '    await loose.settled()\n    await source.released()\n  }, disposersOf',
    replace: '  }, disposersOf',
    breaks: 'a camera is opened by one life of it at a time',
  },
  {
    name: 'files grow under their final name',
    file: 'delivery/remote-names.ts',
    find: "  return below(names.folder, folder === '' ? part : `${folder}/${part}`)\n",
    replace: "  return part === '' ? folder : below(names.folder, file.path)\n",
    breaks: 'a remote path never holds two contents, nor a partial file under a final name',
  },
  {
    name: 'nobody asks the server how much it has got',
    file: 'delivery/deliver-file.ts',
    find: '  if (size !== file.bytes) throw new VerificationError(temporary,',
    replace: '  if (size < 0) throw new VerificationError(temporary,',
    breaks: 'a remote path never holds two contents, nor a partial file under a final name',
  },
  {
    name: 'nothing is synced on the server',
    file: 'delivery/deliver-file.ts',
    find: 'Promise.all([session.fsync(handle), ',
    replace: 'Promise.all([true, ',
    breaks: 'a remote path never holds two contents, nor a partial file under a final name',
  },
  {
    name: 'a file is synced on the server once it has its final name',
    file: 'delivery/deliver-file.ts',
    find: 'Promise.all([session.fsync(handle), ',
    replace: 'Promise.all([true, ',
    and: {
      file: 'delivery/deliver-file.ts',
      find: '  const shown = first ?? (await session.stat(final))\n',
      replace:
        "  const late = await session.open(final, 'r')\n  await session.fsync(late)\n  await session.close(late)\n" +
        '  const shown = first ?? (await session.stat(final))\n',
    },
    breaks: 'a remote path never holds two contents, nor a partial file under a final name',
  },
  {
    name: 'a try without an answer counts as delivered',
    file: 'delivery/try-file.ts',
    find: '  if (!(result instanceof OperatingError)) {\n',
    replace: '  if (!(result instanceof OperatingError) || result instanceof SftpUnknownOutcomeError) {\n',
    breaks: rows,
  },
  {
    name: 'each try gives the file another name, so that an answer that was lost makes two of it',
    file: 'delivery/deliver-file.ts',
    find: '  const final = finalPath(names, file)\n  const temporary',
    replace: "  const final = finalPath(names, file).replace('.csv', `-${attempt}.csv`)\n  const temporary",
    breaks: rows,
  },
  {
    name: 'what has been kept long enough is deleted before the manifest knows',
    file: 'delivery/remove-delivered.ts',
    find: '    const { recorded, failure } = await record(ours, options)\n',
    replace:
      '    for (const { file } of ours) await disk.unlink(file.path)\n    const { recorded, failure } = await record(ours, options)\n',
    breaks: 'nothing unverified is deleted',
  },
  {
    name: 'a file whose copy here is to go is not synced by its final name',
    file: 'delivery/deliver-file.ts',
    find: 'await syncName(session, final)',
    replace: '',
    breaks: 'nothing unverified is deleted',
  },
  {
    name: 'what was delivered is deleted with the next probe',
    file: 'delivery/remove-delivered.ts',
    find: 'epochMs(clock.now() - keepFor)',
    replace: 'clock.now()',
    breaks: 'what was delivered is kept here for keepFor',
  },
  {
    name: 'a manifest that crashes takes nobody along',
    file: 'slots/manifest-slot.ts',
    find: "  takesAlong: ['csv-writer', 'uploader'],\n",
    replace: '',
    breaks: 'every stop ends within its computed bound',
  },
  {
    name: 'a manifest that crashes takes the cameras along',
    file: 'slots/manifest-slot.ts',
    find: "  takesAlong: ['csv-writer', 'uploader'],\n",
    replace: "  takesAlong: ['csv-writer', 'uploader', 'cameras'],\n",
    breaks: 'a crash elsewhere stops no camera',
  },
  {
    name: 'what an uploader left in its hands stays there',
    file: 'delivery/deliver-due.ts',
    find: '    await manifest.release(clock.now())\n',
    replace: '',
    breaks: 'after the faults everything sealed is delivered',
  },
  {
    name: 'a server that has refused us is never asked again',
    file: 'machines/uploader-machine.ts',
    find: "      after: { probeDelay: 'online' },\n    },\n    full:",
    replace: '    },\n    full:',
    breaks: 'after the faults everything becomes ready again',
  },
  {
    name: 'what does not drain is not cut off',
    file: 'supervision/stop-child.ts',
    find: "shutdown === 'brutal_kill' || within === Infinity\n",
    replace: "shutdown === 'brutal_kill' || within === Infinity || turn.phase === 'stopping'\n",
    breaks: 'every stop ends within its computed bound',
  },
  {
    name: 'what drains is given three times as long',
    file: 'supervision/stop-child.ts',
    find: 'turn.arm(child, Math.max(0, within), change)',
    replace: 'turn.arm(child, 3 * Math.max(0, within), change)',
    breaks: 'every stop ends within its computed bound',
  },
  {
    name: 'a stop takes as long as its slots ask for, whatever its budget',
    file: 'supervision/stop.ts',
    find: 'const total = Math.min(budget?.total ?? Infinity, within)',
    replace: 'const total = within',
    breaks: 'every stop ends within its computed bound',
  },
  {
    name: 'a second stop shortens nothing',
    file: 'supervision/stop.ts',
    find: 'within ?? flags.stopBudget?.afterSecondStop ?? afterSecondStop',
    replace: 'within ?? flags.stopBudget?.total ?? afterSecondStop',
    breaks: 'every stop ends within its computed bound',
  },
  {
    name: 'a second stop leaves disposers the time that they have of their own',
    file: 'supervision/children.ts',
    find: 'this.disposersEnd = by\n',
    replace: 'void by\n',
    breaks: 'every stop ends within its computed bound',
  },
  {
    name: 'what is cut off goes on running',
    file: 'supervision/child-actor.ts',
    find: 'below.abandon()\n      this.#stop()\n',
    replace: 'below.abandon()\n      if (!this.#killed) this.#stop()\n',
    breaks: 'nothing outlives the daemon',
  },
  {
    name: 'a session is let go and not ended',
    file: 'delivery/deliver-due.ts',
    find: '    run.stopTimers()\n    await session.end()\n',
    replace: '    run.stopTimers()\n',
    breaks: 'nothing outlives the daemon',
  },
  {
    name: 'a frame is given what was found in the one before it',
    file: 'frame-path/camera-lane.ts',
    find: 'const inspection: Inspection = { frame, findings }\n',
    replace: 'const inspection: Inspection = { frame, findings: this.#watch.lastInspection?.findings ?? findings }\n',
    breaks: 'a row says what was seen in its picture',
  },
  {
    name: 'of all that was seen only the first is told',
    file: 'domain/csv-row.ts',
    find: 'found.map((cells, index) => row(index + 1, ...cells))',
    replace: 'found.slice(0, 1).map((cells, index) => row(index + 1, ...cells))',
    breaks: 'a row says what was seen in its picture',
  },
  {
    name: 'one thing seen is told as nothing',
    file: 'domain/csv-row.ts',
    find: 'found.length === 0 ?',
    replace: 'found.length <= 1 ?',
    breaks: 'a row says what was seen in its picture',
  },
  {
    name: 'a frame in whose place a newer one came is nobody’s',
    file: 'frame-path/camera-lane.ts',
    find: '    this.#ledger.account.dropped(cause)\n',
    replace: '    void cause\n',
    breaks: 'every frame is accounted for',
  },
  {
    name: 'rows that are refused are not counted',
    file: 'storage/row-queue.ts',
    find: '      account.refused(refused, rows.length)\n',
    replace: '',
    breaks: 'every row is accounted for',
  },
  {
    name: 'a camera that an operator starts again while a reload ends it runs on',
    file: 'slots/change-cameras.ts',
    find: 'if (!isBack || ends === mostEnds) return',
    replace: 'if (isBack || ends) return',
    and: {
      file: 'slots/operator.ts',
      find: 'if (configured(id) !== before) return',
      replace: 'if (before === null) return',
    },
    breaks: 'the cameras that run are those that are configured',
  },
  {
    name: 'a bug of one actor is taken for bad luck, and spends no restart',
    file: 'machines/lifecycle.ts',
    find: 'failureOf(failed) instanceof OperatingError',
    replace: 'failureOf(failed) instanceof Error',
    breaks: 'after the faults everything becomes ready again',
  },
]

/** Those that one of a few seeds finds out. */
export const commonMutants: readonly Mutant[] = [
  ...plainMutants,
  ...packingMutants,
  ...setAsideMutants,
  ...ailingMutants,
  ...foundMutants,
]

export const mutants: readonly Mutant[] = [...commonMutants, ...rareMutants]

/** A mistake that another line of defence makes up for, and which. */
export interface Harmless extends Change {
  readonly name: string
  readonly because: string
}

/** Not found out, and not worth being: each has its test where the line is that it breaks. */
export const harmless: readonly Harmless[] = [
  {
    name: 'the name of a sealed file is not synced',
    file: 'storage/seal-file.ts',
    find: '  await disk.syncFolder(folder)\n  await disk.syncFolder(openFolder)\n',
    replace: '',
    because:
      'a rename whose new name is lost leaves the old one, by which the start scan finds the file and seals it again, before any uploader runs',
  },
  {
    name: 'an older life is believed',
    file: 'supervision/child-events.ts',
    find: 'return child?.epoch === epoch ? child : undefined',
    replace: 'return child',
    because: 'no life says anything once its end was told: the mutant above lets one say it twice',
  },
]
