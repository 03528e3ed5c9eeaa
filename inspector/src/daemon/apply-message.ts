import type { DaemonState, FeedMessage } from '../../../src/inspection-feed/protocol.ts'

/** What the page knows, and of which message. */
export interface Seen {
  readonly state: DaemonState
  readonly sequence: number
}

/** What is known after `message`; undefined where a message is missing before it, so that the place is lost. */
export function applyMessage(seen: Seen | undefined, message: FeedMessage): Seen | undefined {
  const { sequence } = message
  if (message.type === 'snapshot') return { state: message.state, sequence }
  if (seen === undefined || sequence !== seen.sequence + 1) return undefined
  const {
    type: _type,
    sequence: _sequence,
    records: _records,
    actors,
    actorOrder,
    cameras,
    cameraOrder,
    ...rest
  } = message
  const { state } = seen
  return {
    sequence,
    state: {
      ...state,
      ...rest,
      actors: merged(state.actors, actors, actorOrder, ({ path }) => path),
      cameras: merged(state.cameras, cameras, cameraOrder, ({ id }) => id),
    },
  }
}

function merged<View, Key extends string>(
  before: readonly View[],
  changed: readonly View[] | undefined,
  order: readonly Key[] | undefined,
  keyOf: (view: View) => Key,
): readonly View[] {
  if (changed === undefined && order === undefined) return before
  const views = new Map([...before, ...(changed ?? [])].map((view) => [keyOf(view), view]))
  return (order ?? before.map(keyOf)).map((key) => views.get(key)).filter((view) => view !== undefined)
}
