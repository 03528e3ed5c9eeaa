import type { AnyStateMachine, AnyStateNode } from 'xstate'
import { type DirectedGraphNode, getStateNodes, toDirectedGraph } from 'xstate/graph'
import { causeOf } from './words.ts'

interface Arrow {
  readonly from: AnyStateNode
  readonly to: AnyStateNode
  readonly causes: readonly string[]
}

/** A machine as a state diagram in Mermaid's words, which GitHub draws. What changes no state is not in it. */
export function drawDiagram(machine: AnyStateMachine): string {
  // Mermaid knows a state by one name, wherever it stands.
  const names = getStateNodes(machine).map(({ key }) => key)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) throw new Error(`Two states are named ${twice}; rename one, or readers will mix them up`)
  const graph = toDirectedGraph(machine)
  const arrows = arrowsOf(graph, machine)
  const fromAnywhere = arrows.some(({ from }) => from === machine.root) ? ['  state "in every state" as anywhere'] : []
  return ['stateDiagram-v2', ...fromAnywhere, ...linesOf(graph, arrows, '  ')].join('\n')
}

/** Arrows between the same two states are one, with all of its causes. */
function arrowsOf({ edges, children, stateNode }: DirectedGraphNode, machine: AnyStateMachine): Arrow[] {
  const moves = edges.filter(({ transition }) => transition.target !== undefined)
  const targets = [...new Set(moves.map(({ target }) => target))]
  const own = targets.map((to) => ({
    from: stateNode,
    to,
    causes: moves.filter(({ target }) => target === to).map(({ transition }) => causeOf(transition, machine)),
  }))
  return [...own, ...children.flatMap((child) => arrowsOf(child, machine))]
}

function linesOf({ stateNode, children }: DirectedGraphNode, arrows: readonly Arrow[], indent: string): string[] {
  const initial = stateNode.initial.target.map(({ key }) => `${indent}[*] --> ${key}`)
  const inner = children.flatMap((child) => {
    const { key, type } = child.stateNode
    if (type === 'final') return [`${indent}${key} --> [*]`]
    if (child.children.length === 0) return [`${indent}${key}`]
    return [`${indent}state ${key} {`, ...linesOf(child, arrows, `${indent}  `), `${indent}}`]
  })
  const own = arrows
    .filter(({ from, to }) => innermost(from, to) === stateNode)
    .map(
      ({ from, to, causes }) =>
        `${indent}${from.parent ? from.key : 'anywhere'} --> ${to.key} : ${causes.join('<br/>')}`,
    )
  return [...initial, ...inner, ...own]
}

/** The state that holds both; Mermaid takes an arrow for a declaration of its ends where it stands. */
function innermost(from: AnyStateNode, to: AnyStateNode): AnyStateNode {
  let holder = from.parent ?? from
  while (!to.path.join('.').startsWith(holder.path.join('.'))) holder = holder.parent ?? holder
  return holder
}
