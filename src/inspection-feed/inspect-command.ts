import type { CommandType } from '../domain/command-type.ts'
import { commandTypes } from '../domain/command-type.ts'
import { isCameraId } from '../domain/ids.ts'
import type { OperatorCommand } from './operator-commands.ts'

/** A receiver's event, as the operator's command that it stands for. */
export interface InspectCommand {
  readonly command: OperatorCommand
  /** The life of the actor that it was sent to. */
  readonly session: string
}

/**
 * What a message of the type `xstate.event` asks for, or why it is no command, in words that never repeat what was sent but a plain name.
 *
 * Nothing of it reaches a machine: an event is looked up among the operator's commands, and the actor that it is for is the present life of what
 * the command is about. `pathOf` tells which actor a session is the present life of.
 */
export function commandOf(
  message: { readonly event?: unknown; readonly service?: unknown },
  pathOf: (session: string) => string | undefined,
): InspectCommand | string {
  const event = eventOf(message.event)
  if (event === undefined) return 'the event cannot be read'
  const type = commandTypes.find((known) => known === event.name)
  if (type === undefined) return `${plain(event.name)} is none of the operator’s commands`
  // The package's own inspector looks for the session in the event's origin; its types have it beside the event.
  const session = [event.origin, message.service].find((each) => typeof each === 'string') ?? ''
  const path = type === 'daemon.stop' ? session : pathOf(session)
  if (path === undefined) return `${type} has to name the present life of an actor`
  const command = commandFor(type, path, event.data)
  return command === undefined ? `${type} is not for that actor` : { command, session }
}

function commandFor(type: CommandType, path: string, data: object): OperatorCommand | undefined {
  switch (type) {
    case 'camera.restart':
    case 'camera.pause':
    case 'camera.resume': {
      const id = /^root\/cameras\/([^/]+)$/.exec(path)?.[1] ?? ''
      return isCameraId(id) ? { type, cameraId: id } : undefined
    }
    case 'file.retry': {
      const fileId = (data as { readonly fileId?: unknown }).fileId
      const isId = typeof fileId === 'number' && Number.isSafeInteger(fileId) && fileId > 0
      return path === 'root/uploader' && isId ? { type, fileId } : undefined
    }
    case 'daemon.stop':
      return path === 'root' ? { type } : undefined
  }
}

interface SentEvent {
  readonly name: string
  readonly data: object
  readonly origin: unknown
}

/** XState 4's SCXML event, as text: `{"name":"camera.pause","data":{"type":"camera.pause"},"origin":"root/cameras/dock-1#1", …}`. */
function eventOf(text: unknown): SentEvent | undefined {
  if (typeof text !== 'string') return undefined
  try {
    const event: unknown = JSON.parse(text)
    if (typeof event !== 'object' || event === null) return undefined
    const { name, data, origin } = event as {
      readonly name?: unknown
      readonly data?: unknown
      readonly origin?: unknown
    }
    if (typeof name !== 'string') return undefined
    return { name, data: typeof data === 'object' && data !== null ? data : {}, origin }
  } catch {
    return undefined
  }
}

const plain = (name: string): string => (/^[\w.-]{1,40}$/.test(name) ? name : 'an event of that name')
