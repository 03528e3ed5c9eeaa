import type { AnyEventObject, AnyMachineSnapshot, AnyStateMachine } from 'xstate'
import { getStateNodes } from 'xstate/graph'
import { RemoteFullError, SftpHostKeyError, SftpUnreachableError } from '../../src/domain/delivery-errors.ts'
import { InferenceWedgedError } from '../../src/domain/inference-errors.ts'
import type { CameraEvent } from '../../src/machines/camera-machine.ts'
import type { CsvWriterEvent } from '../../src/machines/csv-writer-machine.ts'
import type { InferenceEvent } from '../../src/machines/inference-machine.ts'
import type { InspectorEvent } from '../../src/machines/inspector-machine.ts'
import type { UploaderEvent } from '../../src/machines/uploader-machine.ts'

type Heard = CameraEvent | CsvWriterEvent | InferenceEvent | InspectorEvent | UploaderEvent

/** One of each event that machines hear; the compiler misses one that is not here. */
const heard: { readonly [Type in Heard['type']]: Extract<Heard, { type: Type }> } = {
  drain: { type: 'drain' },
  'stream.began': { type: 'stream.began', rate: 25 },
  'camera.pause': { type: 'camera.pause' },
  'camera.resume': { type: 'camera.resume' },
  'stream.fresh': { type: 'stream.fresh', why: 'pictures arrive' },
  'stream.stale': { type: 'stream.stale', why: 'no picture for 1.0 s' },
  'stream.frozen': { type: 'stream.frozen', why: 'every picture has been the same for 30 s' },
  'stream.degraded': { type: 'stream.degraded', why: '9.0 pictures a second arrive, of 25 that were announced' },
  'file.sealed': { type: 'file.sealed', path: 'a.csv', rows: 1 },
  'writer.blocked': { type: 'writer.blocked', why: 'the disk is full' },
  'writer.resumed': { type: 'writer.resumed' },
  'file.archived': { type: 'file.archived', path: 'a.csv', into: 'a.tar.gz' },
  'file.packed': { type: 'file.packed', path: 'a.tar.gz', files: 2 },
  'file.refused': { type: 'file.refused', path: 'a.csv', why: 'it was changed' },
  'file.unpackable': { type: 'file.unpackable', path: 'a.csv', why: 'read failed: EIO' },
  'file.adopted': { type: 'file.adopted', path: 'a.csv', rows: 1 },
  'file.unreadable': { type: 'file.unreadable', path: 'a.csv', why: 'read failed: EIO' },
  'disk.low': { type: 'disk.low', why: 'the disk has 900 MB free' },
  'disk.enough': { type: 'disk.enough', why: 'the disk has 2 GB free' },
  'request.failed': { type: 'request.failed', why: 'it is too long' },
  'pool.ready': { type: 'pool.ready', workers: 2 },
  'worker.retired': { type: 'worker.retired', why: 'it hangs' },
  'worker.refused': { type: 'worker.refused', why: 'its file is another' },
  'worker.replaced': { type: 'worker.replaced' },
  'http.listening': { type: 'http.listening', url: 'http://127.0.0.1:8080' },
  'session.opened': { type: 'session.opened' },
  'file.claimed': { type: 'file.claimed', path: 'a.csv' },
  'file.released': { type: 'file.released', path: 'a.csv', why: 'the session ended before its turn' },
  'file.delivered': { type: 'file.delivered', path: 'a.csv' },
  'file.failed': { type: 'file.failed', path: 'a.csv', why: 'the server is full', again: true },
  'file.deadLetter': { type: 'file.deadLetter', path: 'a.csv', why: 'it has failed too often' },
  'file.removed': { type: 'file.removed', path: 'a.csv' },
  'removal.failed': { type: 'removal.failed', path: 'a.csv', why: 'the disk fails' },
  'file.conflict': { type: 'file.conflict', path: 'a.csv', why: 'another file has that name' },
}

/** What actors end with, by their names in `setup`; those that are not here end with nothing. */
const outputs: Readonly<Record<string, readonly unknown[]>> = {
  scanFolders: [{ summary: 'nothing to mend' }],
  writeRows: [{ drained: true }, { drained: false, left: '3 requests' }],
  servePool: [{ wedged: 0 }, { wedged: 1 }],
  deliverDue: [{ left: 0 }],
  openResource: ['open'],
}

const bug = new Error('a bug')

/** One of each kind of failure that some machine tells from others, and a bug. */
const errors: readonly Error[] = [
  new SftpUnreachableError('server:22', 'ECONNREFUSED'),
  new SftpHostKeyError('server:22', 'SHA256:ours', 'SHA256:theirs'),
  new RemoteFullError('a.csv', 100, 10),
  new InferenceWedgedError(2),
  bug,
]

const done = 'xstate.done.actor.'
const failed = 'xstate.error.actor.'

export const isDrain = ({ type }: AnyEventObject): boolean => type === 'drain'

/** A child has failed with what nobody expects. */
export const isBug = (event: AnyEventObject): boolean => event['error'] === bug

/** A child has ended in a way that is expected. */
export const isEnd = (event: AnyEventObject): boolean =>
  event.type.startsWith(done) || (event.type.startsWith(failed) && !isBug(event))

/** For each event that a transition out of a snapshot waits for, and each end of a child: one of each kind that makes a difference. */
export function eventsOf(machine: AnyStateMachine): (snapshot: AnyMachineSnapshot) => AnyEventObject[] {
  const invoked = getStateNodes(machine).flatMap(({ invoke }) => invoke)
  const samplesOf = (type: string): AnyEventObject[] => {
    if (type.startsWith(failed)) return errors.map((error) => ({ type, error }))
    if (type.startsWith(done)) {
      const source = invoked.find(({ id }) => id === type.slice(done.length))?.src as string
      return (outputs[source] ?? [undefined]).map((output) => ({ type, output }))
    }
    if (type.startsWith('xstate.after.')) return [{ type }]
    // Whether it is due again makes a difference.
    if (type === 'file.failed') return [true, false].map((again) => ({ ...heard[type], again }))
    if (type in heard) return [heard[type as Heard['type']]]
    throw new Error(`${machine.id} waits for ${type}, of which every-event.ts has no sample`)
  }
  return (snapshot) => {
    const awaited = snapshot._nodes.flatMap(({ ownEvents }) => ownEvents as readonly string[])
    const ends = Object.keys(snapshot.children as object).map((id) => `${done}${id}`)
    return [...new Set([...awaited, ...ends])].flatMap(samplesOf)
  }
}
