import type { FileState } from '../../../src/domain/file-state.ts'
import { type EpochMs, epochMs } from '../../../src/domain/units.ts'
import type { FileChange, FileView } from '../../../src/inspection-feed/file-protocol.ts'
import type { FeedRecord, Plain } from '../../../src/inspection-feed/record.ts'
import { ages } from './file-ages.ts'
import type { Choice } from './files-client.ts'

/** A file as records tell of it. */
export interface ToldFile extends Pick<
  FileView,
  'id' | 'path' | 'camera' | 'state' | 'attempts' | 'changedAt' | 'why' | 'dueAt'
> {
  /** `null` where it was sealed before the first record. */
  readonly sealedAt: EpochMs | null
  /** These are `null` where no record tells, as in recordings made before any did. */
  readonly rows: number | null
  readonly bytes: number | null
  readonly sha256: string | null
  readonly changes: readonly FileChange[]
}

/** What a record says became of a file. */
const states: Readonly<Record<string, FileState>> = {
  'file.sealed': 'pending',
  'file.adopted': 'pending',
  'file.packed': 'pending',
  'file.archived': 'packed',
  'file.refused': 'refused',
  'file.unpackable': 'held',
  'file.claimed': 'sending',
  'file.released': 'pending',
  'file.failed': 'pending',
  'file.delivered': 'delivered',
  'file.removed': 'removed',
  'file.conflict': 'conflict',
  'file.deadLetter': 'deadLetter',
}

/** The files of which the records tell, in the order in which they began to; those that have not changed since before the first are in none. */
export function toldFiles(records: readonly FeedRecord[]): ToldFile[] {
  const files = new Map<string, ToldFile>()
  const tell = (path: string, told: Told) => {
    const before = files.get(path)
    files.set(path, { ...(before ?? unknown(path, files.size + 1)), ...change(before, told) })
  }
  for (const record of records) {
    const { at } = record
    if (record.type === 'operator.asked' && record.file !== undefined && record.outcome === 'done')
      tell(record.file, {
        at,
        event: record.command,
        state: 'pending',
        detail: { why: `${record.words}, asked by ${record.by}` },
      })
    if (record.type !== 'event.received') continue
    const { event, detail } = record
    const state = stateTold(event, detail)
    if (state !== undefined && typeof detail['path'] === 'string') tell(detail['path'], { at, event, state, detail })
    // What an uploader that crashed had left in its hands is due again with the next session.
    if (event !== 'session.opened') continue
    for (const { path, state } of files.values())
      if (state === 'sending')
        tell(path, { at, event, state: 'pending', detail: { why: 'an uploader was cut off with it' } })
  }
  return [...files.values()]
}

/** Those that a choice asks for, in its order. */
export function chosenFiles(files: readonly ToldFile[], choice: Choice, now: number): ToldFile[] {
  const { states, camera, olderThan, order } = choice
  const least = ages.find((age) => age.olderThan === olderThan)?.ms ?? 0
  const wanted = states.split(',')
  const chosen = files.filter(
    (file) =>
      (states === '' || wanted.includes(file.state)) &&
      (camera === '' || file.camera === camera) &&
      now - (file.sealedAt ?? 0) >= least,
  )
  return order === 'oldest' ? chosen : chosen.reverse()
}

const unknown = (path: string, id: number) => ({
  ...{ id, path, sealedAt: null, rows: null, bytes: null, sha256: null, attempts: 0, dueAt: null },
  // A file stands in its camera's folder.
  camera: path.slice(0, Math.max(0, path.indexOf('/'))),
})

interface Told {
  readonly at: EpochMs
  readonly event: string
  readonly state: FileState
  readonly detail: Readonly<Record<string, Plain>>
}

function stateTold(event: string, detail: Told['detail']): FileState | undefined {
  if (event === 'file.failed' && detail['again'] === false) return 'refused'
  return detail['held'] === true ? 'held' : states[event]
}

function change(
  before: ToldFile | undefined,
  { at, event, state, detail }: Told,
): Pick<ToldFile, 'state' | 'changedAt' | 'dueAt' | 'why' | 'changes'> & Partial<ToldFile> {
  const { rows, bytes, sha256, dueAt } = detail
  const { into } = detail
  const why = typeof detail['why'] === 'string' ? detail['why'] : typeof into === 'string' ? `in ${into}` : null
  const isNew = event === 'file.sealed' || event === 'file.adopted' || event === 'file.packed'
  const changes = [
    ...(before?.changes ?? []),
    { at, boot: null, from: before?.state ?? (isNew ? null : 'pending'), to: state, why },
  ]
  return {
    ...{ state, why, changes },
    dueAt: typeof dueAt === 'number' ? epochMs(dueAt) : null,
    // A try that failed leaves it as it was.
    changedAt: before?.state === state ? before.changedAt : at,
    // As the manifest counts: what is refused was not sent.
    ...((event === 'file.failed' || event === 'file.deadLetter') &&
      state !== 'refused' && { attempts: (before?.attempts ?? 0) + 1 }),
    // Sent again, its tries are forgotten.
    ...(event === 'file.retry' && { attempts: 0 }),
    ...(isNew && { sealedAt: at }),
    ...(typeof rows === 'number' && { rows }),
    ...(typeof bytes === 'number' && { bytes }),
    ...(typeof sha256 === 'string' && { sha256 }),
  }
}
