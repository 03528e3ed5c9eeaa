/** An XState state value: a word, or the active child of each active region. */
export type StateValue = string | { readonly [region: string]: StateValue | undefined }

/** What is read of a state node. */
export interface StateNodeLike {
  readonly type?: string
  /** From the machine down. */
  readonly path?: readonly string[]
  readonly description?: string | undefined
  readonly parent?: StateNodeLike | undefined
}

/**
 * The innermost state, which is what people call it: `streaming`, and not `online.open.streaming`. Parallel regions stand side by
 * side: `open | probing`. A machine without states is `active`.
 */
export function stateName(value: StateValue): string {
  if (typeof value === 'string') return value
  const regions = Object.entries(value).map(([region, inner]) => {
    const name = inner === undefined ? '' : stateName(inner)
    return name === '' || name === 'active' ? region : name
  })
  return regions.length === 0 ? 'active' : regions.join(' | ')
}

/** The machine's words for the innermost active states, or for what encloses them where they have none. */
export function stateDescription(nodes: readonly StateNodeLike[]): string | null {
  const texts = nodes.filter(isInnermost).map(nearestDescription)
  const found = [...new Set(texts.filter((text) => text !== undefined))]
  return found.length === 0 ? null : found.join(' · ')
}

/** The innermost active states, each with all that encloses it: `['online.open.streaming']`. A machine without states has none. */
export const activeNodes = (nodes: readonly StateNodeLike[]): string[] =>
  nodes
    .filter(isInnermost)
    .map(({ path }) => path?.join('.') ?? '')
    .filter((name) => name !== '')

const isInnermost = ({ type }: StateNodeLike): boolean => type === 'atomic' || type === 'final'

function nearestDescription(node: StateNodeLike): string | undefined {
  for (let at: StateNodeLike | undefined = node; at !== undefined; at = at.parent)
    if (at.description !== undefined) return at.description
  return undefined
}
