import { DiskError } from '../../src/domain/disk-error.ts'
import type { Disk, DiskFile } from '../../src/ports/disk.ts'
import { type DiskCallKind, type MemoryDisk, systemCall } from '../fakes/memory-disk.ts'
import { breaks, type Fault, fails, failsThoughDone, type HeldCall, type HeldCalls, hangs } from './held-calls.ts'

const error = ({ name, detail }: HeldCall, code: string): DiskError =>
  new DiskError(systemCall[name.slice('disk.'.length) as DiskCallKind], detail, code)
const failed = (code: string): Fault => fails(code, (call) => error(call, code))
const failedThoughDone = failsThoughDone('EIO, though done', (call) => error(call, 'EIO'))

const always = [failed('EIO'), hangs, breaks, failedThoughDone]
const taking = [...always, failed('ENOSPC')]

export interface DiskWatch {
  /** A file is about to lose its name. */
  unlinking(path: string): void
  /** Something went wrong with a call that is about this. */
  struck(path: string): void
}

/** The data folder of one process: every system call waits for the director. */
export class SimulatedDisk implements Disk {
  /** Files that this process has open. */
  openFiles = 0
  /** The next write takes only half. */
  #short = false
  readonly #writing: readonly Fault[] = [
    ...taking,
    {
      name: 'short',
      strike: (call) => {
        this.#short = true
        call.carryOut().then(call.resolve, call.reject)
      },
    },
  ]

  /** What was to be synced is not on the disk, and is taken to be there from then on. */
  readonly #syncing: readonly Fault[] = [
    ...always,
    {
      name: 'EIO, and dropped',
      strike: (call) => {
        this.disk.drop(call.detail)
        call.reject(error(call, 'EIO'))
      },
    },
  ]

  constructor(
    private readonly disk: MemoryDisk,
    private readonly calls: HeldCalls,
    private readonly watch: DiskWatch,
  ) {}

  makeFolder = (path: string): Promise<void> => this.#hold('makeFolder', path, taking, () => this.disk.makeFolder(path))

  list = (path: string) => this.#hold('list', path, always, () => this.disk.list(path))

  create = (path: string): Promise<DiskFile> =>
    this.#hold('create', path, taking, () => this.disk.create(path)).then((file) => this.#opened(path, file))

  open = (path: string): Promise<DiskFile> =>
    this.#hold('open', path, always, () => this.disk.open(path)).then((file) => this.#opened(path, file))

  rename = (from: string, to: string): Promise<void> =>
    this.#hold('rename', from, taking, () => this.disk.rename(from, to))

  unlink = (path: string): Promise<void> =>
    this.#hold('unlink', path, always, () => {
      this.watch.unlinking(path)
      return this.disk.unlink(path)
    })

  syncFolder = (path: string): Promise<void> => this.#hold('syncFolder', path, always, () => this.disk.syncFolder(path))

  freeBytes = (): Promise<number> => this.#hold('freeBytes', '.', always, () => this.disk.freeBytes())

  #opened(path: string, file: DiskFile): DiskFile {
    this.openFiles++
    return {
      write: (bytes, position) =>
        this.#hold('write', path, this.#writing, () => {
          const taken = this.#short ? bytes.subarray(0, Math.ceil(bytes.length / 2)) : bytes
          this.#short = false
          return file.write(taken, position)
        }),
      read: (into, position) => this.#hold('read', path, always, () => file.read(into, position)),
      readEach: (into, position) => this.#hold('read', path, always, () => file.readEach(into, position)),
      length: () => this.#hold('length', path, always, () => file.length()),
      truncate: (length) => this.#hold('truncate', path, always, () => file.truncate(length)),
      datasync: () => this.#hold('datasync', path, this.#syncing, () => file.datasync()),
      // A descriptor is gone once close was called, whatever it answers.
      close: () => {
        this.openFiles--
        return this.#hold('close', path, always, () => file.close())
      },
    }
  }

  #hold<Answer>(
    call: DiskCallKind,
    path: string,
    faults: readonly Fault[],
    work: () => Promise<Answer>,
  ): Promise<Answer> {
    const onStruck = (): void => this.watch.struck(path)
    return this.calls.hold({ name: `disk.${call}`, detail: path, faults, work, onStruck })
  }
}
