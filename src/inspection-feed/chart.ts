/** A machine's definition as plain data: what a statechart shows. The same for the page's drawing and for `/inspect`. */
export interface Chart {
  /** The machine's id: `camera`. */
  readonly id: string
  /** The machine itself; its states below it. */
  readonly root: ChartState
}

export interface ChartState {
  /** From the machine down, dotted: `online.open.streaming`; `''` for the machine. */
  readonly path: string
  readonly key: string
  readonly type: 'atomic' | 'compound' | 'parallel' | 'final' | 'history'
  /** The key of the state that a compound one begins in. */
  readonly initial: string | null
  readonly description: string | null
  readonly tags: readonly string[]
  readonly invokes: readonly { readonly id: string; readonly src: string }[]
  readonly entry: readonly string[]
  readonly exit: readonly string[]
  readonly states: readonly ChartState[]
  readonly transitions: readonly ChartTransition[]
}

export interface ChartTransition {
  readonly event: string
  /** For people: `stream.began`, `after reconnectDelay`, `frameStream failed`. */
  readonly label: string
  readonly guard: string | null
  /** Paths; empty where it stays in its state. */
  readonly targets: readonly string[]
  readonly actions: readonly string[]
}

/** What is read of XState's state nodes. */
interface NodeLike {
  readonly key: string
  readonly path: readonly string[]
  readonly type: ChartState['type']
  readonly initial?: { readonly target?: readonly NodeLike[] | undefined } | undefined
  readonly description?: string | undefined
  readonly tags: readonly string[]
  readonly invoke: readonly { readonly id: string; readonly src: unknown }[]
  readonly entry: readonly unknown[]
  readonly exit: readonly unknown[]
  readonly states: Readonly<Record<string, NodeLike>>
  readonly transitions: ReadonlyMap<string, readonly TransitionLike[]>
  readonly always?: readonly TransitionLike[] | undefined
}

interface TransitionLike {
  readonly target?: readonly NodeLike[] | undefined
  readonly guard?: unknown
  readonly actions: readonly unknown[]
}

export interface MachineLike {
  readonly id: string
  readonly root: object
}

export const chartOf = ({ id, root }: MachineLike): Chart => ({ id, root: stateOf(root as NodeLike) })

function stateOf(node: NodeLike): ChartState {
  const invokes = node.invoke.map(({ id, src }) => ({ id, src: nameOf(src) ?? id }))
  const transitions = [...node.transitions, ['', node.always ?? []] as const].flatMap(([event, choices]) =>
    choices.map(({ target, guard, actions }) => ({
      event,
      label: labelOf(event, invokes),
      guard: guard === undefined ? null : (nameOf(guard) ?? 'a condition'),
      targets: (target ?? []).map(pathOf),
      actions: namesOf(actions),
    })),
  )
  return {
    path: pathOf(node),
    key: node.key,
    type: node.type,
    initial: node.type === 'compound' ? (node.initial?.target?.[0]?.path.at(node.path.length) ?? null) : null,
    description: node.description ?? null,
    tags: [...node.tags],
    invokes,
    entry: namesOf(node.entry),
    exit: namesOf(node.exit),
    states: Object.values(node.states).map(stateOf),
    transitions,
  }
}

const pathOf = ({ path }: NodeLike): string => path.join('.')

function labelOf(event: string, invokes: ChartState['invokes']): string {
  const id = /^xstate\.(?:done|error)\.actor\.(.+)$/.exec(event)?.[1]
  const invoke = invokes.find((each) => each.id === id)
  // XState's own ids of what is invoked without one say nothing to people.
  if (invoke === undefined || !/^\d+\./.test(invoke.id)) return eventWords(event)
  return `${invoke.src} ${event.startsWith('xstate.done.') ? 'done' : 'failed'}`
}

/** An event's type for people: `after reconnectDelay`, `frameStream failed`; their own names stay. */
export function eventWords(event: string): string {
  if (event === '') return 'always'
  if (event === 'xstate.init') return 'its start'
  if (event.startsWith('xstate.done.state.')) return 'done'
  const after = /^xstate\.after\.([^.]+)\./.exec(event)?.[1]
  if (after !== undefined) return `after ${/^\d+$/.test(after) ? `${Number(after) / 1000} s` : after}`
  const [, how, id] = /^xstate\.(done|error)\.actor\.(.+)$/.exec(event) ?? []
  return id === undefined ? event : `${id} ${how === 'done' ? 'done' : 'failed'}`
}

/** XState's own actions; their names tell nothing of what they do. */
const builtIn: ReadonlySet<string> = new Set(['assign', 'raise', 'sendTo', 'cancel', 'emit', 'log', 'enqueueActions'])

const namesOf = (things: readonly unknown[]): string[] =>
  things.map((thing) => nameOf(thing)).filter((name) => name !== undefined && !builtIn.has(name)) as string[]

/** Of an action, a guard or an actor: what it is called in the machine's file. */
function nameOf(thing: unknown): string | undefined {
  if (typeof thing === 'string') return thing
  if (typeof thing === 'function') {
    const { guards, name } = thing as { readonly guards?: readonly unknown[]; readonly name: string }
    if (guards !== undefined)
      return guards.map((guard) => nameOf(guard) ?? 'a condition').join(name.startsWith('or') ? ' or ' : ' and ')
    return name === '' ? undefined : name
  }
  return (thing as { readonly type?: string } | null | undefined)?.type
}
