import type { AnyActorRef } from 'xstate'
import type { CameraConfig } from '../config/config.ts'
import { OperatingError } from '../domain/errors.ts'
import type { CameraId } from '../domain/ids.ts'
import { IllegalFileStateError } from '../domain/illegal-file-state-error.ts'
import { ManifestClosedError } from '../domain/manifest-errors.ts'
import type { Milliseconds } from '../domain/units.ts'
import { clip } from '../inspection-feed/clip.ts'
import type { CommandAnswer, Operate, OperatorCommand } from '../inspection-feed/operator-commands.ts'
import type { OperatorAsked } from '../inspection-feed/record.ts'
import { stateName, type StateValue } from '../inspection-feed/state-name.ts'
import type { CameraEvent } from '../machines/camera-machine.ts'
import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import type { ManifestRecords } from '../ports/manifest.ts'
import { fileById } from '../storage/look-up-files.ts'
import { refusedChange } from '../storage/refused-change.ts'
import type { CallReply, SupervisorEvent, SupervisorSnapshot } from '../supervision/index.ts'

type Book = Pick<ManifestRecords, 'files' | 'resend'>

export interface OperatorOptions {
  /** The cameras' supervisor, while there is one. */
  readonly cameras: () => AnyActorRef | undefined
  /** The camera as it is to run now. While a reload ends one, the supervisor still has it, and it is here no more, or another. */
  readonly configured: (id: CameraId) => CameraConfig | undefined
  /** As the first signal does. */
  readonly stop: () => void
  /** While it is open. */
  readonly manifest: () => Book | undefined
  /** A file is due again. */
  readonly onResent: () => void
  /** Hears what was asked of which actor, once it is known what became of it. */
  readonly onAsked: (path: string, asked: OperatorAsked) => void
  readonly clock: Clock
  readonly log: Log
  /** A camera that has not come to its end by then is left to its supervisor. */
  readonly restartWithin: Milliseconds
}

/** Carries out what an operator asks; says so in the log first, and in the records afterwards. */
export function createOperator(options: OperatorOptions): Operate {
  const { cameras, configured, stop, manifest, onResent, onAsked, clock, log, restartWithin } = options
  const done = (words: string): CommandAnswer => ({ done: true, words })
  const refused = (words: string): CommandAnswer => ({ done: false, cause: 'refused', words })

  /** One call of the supervisor, answered at the latest after `restartWithin`, or when it has ended itself. */
  function call(supervisor: AnyActorRef, type: 'terminate_child' | 'restart_child', id: string): Promise<string> {
    if ((supervisor.getSnapshot() as SupervisorSnapshot).status !== 'active') return Promise.resolve('no answer')
    return new Promise((resolve) => {
      const end = (answer: string) => {
        clock.clearTimeout(timer)
        ended.unsubscribe()
        resolve(answer)
      }
      const noAnswer = () => end('no answer')
      const timer = clock.setTimeout(noAnswer, restartWithin)
      const ended = supervisor.subscribe({ complete: noAnswer, error: noAnswer })
      const reply = (answer: CallReply) => end(answer.ok ? 'ok' : answer.error)
      supervisor.send({ type: `supervisor.${type}`, id, reply } satisfies SupervisorEvent)
    })
  }

  async function restart(supervisor: AnyActorRef, id: CameraId): Promise<CommandAnswer> {
    const before = configured(id)
    const ended = await call(supervisor, 'terminate_child', id)
    if (ended !== 'ok') return refused(`Camera ${id} cannot be stopped now: ${ended.replaceAll('_', ' ')}`)
    // A reload has begun meanwhile: what is started here would be the camera as it was.
    if (configured(id) !== before) return refused(`Camera ${id} was removed or changed meanwhile`)
    const begun = await call(supervisor, 'restart_child', id)
    if (begun !== 'ok') return refused(`Camera ${id} cannot be started again now: ${begun.replaceAll('_', ' ')}`)
    return done(`Camera ${id} was started afresh`)
  }

  function tell(id: CameraId, camera: AnyActorRef | undefined, event: CameraEvent, words: string): CommandAnswer {
    const snapshot = camera?.getSnapshot() as CameraSnapshot | undefined
    // One that has crashed has its last state until it has let go of everything.
    if (camera === undefined || snapshot?.status !== 'active')
      return refused(`Camera ${id} does not run; restart it instead`)
    if (!snapshot.can(event)) return refused(`Camera ${id} is ${stateName(snapshot.value)}`)
    camera.send(event)
    return done(words)
  }

  async function resend(id: number, by: string): Promise<Answered> {
    try {
      const book = manifest()
      if (book === undefined) throw new ManifestClosedError()
      return await resendFrom(book, id, by)
    } catch (error) {
      if (error instanceof OperatingError) return refused(error.message)
      throw error
    }
  }

  async function resendFrom(book: Book, id: number, by: string): Promise<Answered> {
    const file = (await fileById(book, id))?.path
    if (file === undefined) return { done: false, cause: 'unknown', words: `There is no file ${id}` }
    try {
      await book.resend(id, `asked for by an operator at ${by}`, clock.now())
    } catch (error) {
      if (!(error instanceof IllegalFileStateError)) throw error
      return { ...refused(await refusedChange(id, error, book, 'sent again')), file }
    }
    onResent()
    return { ...done(`File ${id} is due at once`), file }
  }

  async function carryOut(command: OperatorCommand, by: string): Promise<Answered> {
    if (command.type === 'daemon.stop') {
      stop()
      return done('Everything drains, and Belay ends')
    }
    if (command.type === 'file.retry') return resend(command.fileId, by)
    const supervisor = cameras()
    const snapshot = supervisor?.getSnapshot() as SupervisorSnapshot | undefined
    if (supervisor === undefined || snapshot?.value !== 'running') return refused('The cameras do not run')
    const { cameraId: id } = command
    const camera = snapshot.children.find((child) => child.id === id)
    if (camera === undefined || configured(id) === undefined)
      return { done: false, cause: 'unknown', words: `There is no camera ${id}` }
    switch (command.type) {
      case 'camera.restart':
        return restart(supervisor, id)
      case 'camera.pause':
        return tell(id, camera.ref, { type: 'camera.pause' }, `Camera ${id} is paused until it is resumed`)
      case 'camera.resume':
        return tell(id, camera.ref, { type: 'camera.resume' }, `Camera ${id} connects again`)
    }
  }

  return async (command, by) => {
    const path = pathOf(command)
    const actor = log.at(path)
    const asked = { command: command.type, ...(command.type === 'file.retry' && { file: command.fileId }), by }
    // Whatever level is configured: nothing else tells who has paused or stopped the line.
    actor.always('operator', asked)
    const { file, ...answer } = await carryOut(command, by)
    if (!answer.done) actor.always('operator refused', { ...asked, why: answer.words })
    const outcome = answer.done ? 'done' : answer.cause
    const about = { command: command.type, by: clip(by), outcome, words: clip(answer.words) } as const
    onAsked(path, { type: 'operator.asked', ...about, ...(file !== undefined && { file: clip(file) }) })
    return answer
  }
}

interface CameraSnapshot {
  readonly status: string
  readonly value: StateValue
  can(event: CameraEvent): boolean
}

/** With the path of the file that it is about. */
type Answered = CommandAnswer & { readonly file?: string }

/** The actor that it is about. */
function pathOf(command: OperatorCommand): string {
  if (command.type === 'daemon.stop') return 'root'
  return command.type === 'file.retry' ? 'root/uploader' : `root/cameras/${command.cameraId}`
}
