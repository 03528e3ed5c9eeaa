import type { Chart, ChartState } from './chart.ts'
import type { InspectCommand } from './inspect-command.ts'
import type { CommandAnswer } from './operator-commands.ts'
import type { ActorPicture } from './actor-picture.ts'
import type { EventReceived, Stamp } from './record.ts'

/**
 * What a receiver of @xstate/inspect 0.8 hears, in XState 4's terms. `machine`, `state` and `event` are JSON within the JSON, as
 * that package has it.
 */
export type InspectMessage =
  | {
      readonly type: 'service.register'
      readonly machine: string
      readonly state: string
      readonly id: string
      readonly sessionId: string
      readonly parent?: string
    }
  | { readonly type: 'service.event'; readonly event: string; readonly sessionId: string }
  | { readonly type: 'service.state'; readonly state: string; readonly sessionId: string }
  | { readonly type: 'service.stop'; readonly sessionId: string }

/** One life of one actor: a receiver knows no epochs. */
export const sessionOf = ({ path, epoch }: Pick<Stamp, 'path' | 'epoch'>): string =>
  epoch === null ? path : `${path}#${epoch}`

export function registerMessage(chart: Chart, picture: ActorPicture, parent: ActorPicture | undefined): InspectMessage {
  return {
    type: 'service.register',
    machine: JSON.stringify(machineConfig(chart)),
    state: JSON.stringify(machineState(chart, picture, 'xstate.init')),
    id: picture.path,
    sessionId: sessionOf(picture),
    ...(parent !== undefined && { parent: sessionOf(parent) }),
  }
}

export const stateMessage = (chart: Chart, picture: ActorPicture, event: string): InspectMessage => ({
  type: 'service.state',
  state: JSON.stringify(machineState(chart, picture, event)),
  sessionId: sessionOf(picture),
})

export const eventMessage = (about: Stamp, { event, source, detail }: EventReceived): InspectMessage => ({
  type: 'service.event',
  event: JSON.stringify(scxmlEvent(event, detail, source)),
  sessionId: sessionOf(about),
})

/** What became of a receiver's command, as an event of the actor that it was for: the protocol has no word for an answer. */
export const answerMessage = ({ command, session }: InspectCommand, answer: CommandAnswer): InspectMessage => {
  const detail = { command: command.type, words: answer.words }
  const event = scxmlEvent(answer.done ? 'operator.done' : 'operator.refused', detail, null)
  return { type: 'service.event', event: JSON.stringify(event), sessionId: session }
}

export const stopMessage = (sessionId: string): InspectMessage => ({ type: 'service.stop', sessionId })

/** XState 4's configuration of the same machine; it is for looking at, and its guards and actions are names. */
const machineConfig = (chart: Chart) => ({
  id: chart.id,
  predictableActionArguments: true,
  ...stateConfig(chart.root, chart.id),
})

function stateConfig(state: ChartState, machine: string): object {
  const id = (path: string) => (path === '' ? machine : `${machine}.${path}`)
  const on: Record<string, object[]> = {}
  for (const { event, guard, targets, actions } of state.transitions) {
    const target = targets.map((path) => `#${id(path)}`)
    ;(on[event] ??= []).push({
      ...(target.length > 0 && { target }),
      ...(guard !== null && { cond: guard }),
      ...(actions.length > 0 && { actions }),
    })
  }
  return {
    id: id(state.path),
    ...((state.type === 'final' || state.type === 'parallel') && { type: state.type }),
    ...(state.initial !== null && { initial: state.initial }),
    ...(state.description !== null && { description: state.description }),
    ...(state.tags.length > 0 && { tags: state.tags }),
    ...(state.invokes.length > 0 && { invoke: state.invokes }),
    ...(state.entry.length > 0 && { entry: state.entry }),
    ...(state.exit.length > 0 && { exit: state.exit }),
    ...(state.states.length > 0 && {
      states: Object.fromEntries(state.states.map((child) => [child.key, stateConfig(child, machine)])),
    }),
    on,
  }
}

/** XState 4's state, of which `why` is the context: nothing else of ours is shown. */
function machineState(chart: Chart, picture: ActorPicture, event: string): object {
  const nodes = picture.nodes.map((path) => stateAt(chart.root, path)).filter((state) => state !== undefined)
  return {
    value: valueOf(picture.nodes),
    context: { why: picture.why },
    event: { type: event },
    _event: scxmlEvent(event, {}, null),
    _sessionid: sessionOf(picture),
    ...{ actions: [], activities: {}, meta: {}, events: [], configuration: [], transitions: [], children: {} },
    changed: true,
    done: nodes.length > 0 && nodes.every(({ type, path }) => type === 'final' && !path.includes('.')),
    tags: [...new Set(nodes.flatMap(({ tags }) => tags))],
  }
}

/** `['online.open.streaming']` → `{ online: { open: 'streaming' } }`. */
function valueOf(nodes: readonly string[]): unknown {
  if (nodes.length === 1 && nodes[0]?.includes('.') === false) return nodes[0]
  const inner = new Map<string, string[]>()
  for (const node of nodes) {
    const [head = '', ...tail] = node.split('.')
    const below = inner.get(head) ?? []
    if (tail.length > 0) below.push(tail.join('.'))
    inner.set(head, below)
  }
  return Object.fromEntries([...inner].map(([head, below]) => [head, valueOf(below)]))
}

function stateAt(root: ChartState, path: string): ChartState | undefined {
  let at: ChartState | undefined = root
  for (const key of path.split('.')) at = at?.states.find((state) => state.key === key)
  return at
}

const scxmlEvent = (name: string, detail: object, origin: string | null) => ({
  name,
  data: { ...detail, type: name },
  $$type: 'scxml',
  type: 'external',
  ...(origin !== null && { origin }),
})
