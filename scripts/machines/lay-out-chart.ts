import { createRequire } from 'node:module'
import type { ELK, ElkEdgeSection, ElkExtendedEdge, ElkNode } from 'elkjs/lib/elk-api.js'
import type { Arrow, ChartLayout, Point, StateBox } from '../../inspector/src/machine/statechart-layout.ts'
import type { Chart, ChartState, ChartTransition } from '../../src/inspection-feed/chart.ts'

// The package's types describe a default export that Node doesn't give it.
const Elk = createRequire(import.meta.url)('elkjs') as new () => ELK

/** Sizes of the page's own type, in pixels; the drawing and the style sheet go by the same. */
const characterWidth = 6.6
const nameWidth = 7.6
const lineHeight = 16
const headHeight = 26

/** Gives a statechart its places. ELK's layered layout is deterministic: the same chart gives the same picture. */
export async function layOutChart(chart: Chart): Promise<ChartLayout> {
  const flows = flowsOf(chart.root)
  const graph: ElkNode & { readonly edges?: readonly ElkExtendedEdge[] } = await new Elk().layout({
    id: chart.id,
    layoutOptions: {
      'elk.algorithm': 'layered',
      'elk.direction': 'DOWN',
      'elk.hierarchyHandling': 'INCLUDE_CHILDREN',
      'elk.edgeRouting': 'ORTHOGONAL',
      'elk.json.shapeCoords': 'ROOT',
      'elk.json.edgeCoords': 'ROOT',
      'elk.spacing.nodeNode': '28',
      'elk.spacing.edgeNode': '16',
      'elk.spacing.edgeEdge': '14',
      'elk.spacing.edgeLabel': '6',
      'elk.layered.spacing.nodeNodeBetweenLayers': '30',
      'elk.layered.spacing.edgeNodeBetweenLayers': '14',
      'elk.padding': '[top=14,left=14,bottom=14,right=14]',
    },
    children: chart.root.states.map((state) => nodeOf(state)),
    edges: flows.map((flow, index) => edgeOf(flow, index)),
  })
  const boxes = new Map<string, ElkNode>()
  const collect = (node: ElkNode): void => {
    for (const child of node.children ?? []) {
      boxes.set(child.id, child)
      collect(child)
    }
  }
  collect(graph)
  return {
    id: chart.id,
    width: round(graph.width),
    height: round(graph.height),
    states: chart.root.states.flatMap((state) => boxesOf(state, state.key === chart.root.initial, boxes)),
    anywhere: chart.root.transitions.map((transition) => ({
      event: transition.event,
      targets: transition.targets,
      words: `${guardedLabel(transition)} → ${transition.targets.join(', ') || 'stays'}`,
    })),
    arrows: (graph.edges ?? []).map((edge, index) => arrowOf(flows[index]!, edge)),
  }
}

/** All transitions from one state to another, as one arrow. */
interface Flow {
  readonly from: string
  readonly to: string
  readonly transitions: readonly ChartTransition[]
}

/** Those of the machine itself are answered wherever it is; they are told in words, not drawn. */
function flowsOf(root: ChartState): Flow[] {
  const flows = new Map<string, { from: string; to: string; transitions: ChartTransition[] }>()
  const visit = (state: ChartState): void => {
    for (const transition of state.path === '' ? [] : state.transitions) {
      for (const to of transition.targets) {
        const key = `${state.path} ${to}`
        const flow = flows.get(key) ?? { from: state.path, to, transitions: [] }
        flow.transitions.push(transition)
        flows.set(key, flow)
      }
    }
    state.states.forEach(visit)
  }
  visit(root)
  return [...flows.values()]
}

function nodeOf(state: ChartState): ElkNode {
  const lines = linesOf(state)
  const width = Math.max(nameWidth * state.key.length + 34, ...lines.map((line) => line.length * characterWidth + 20))
  const height = headHeight + lines.length * lineHeight + (lines.length > 0 ? 8 : 4)
  if (state.states.length === 0) return { id: state.path, width, height }
  return {
    id: state.path,
    layoutOptions: {
      'elk.padding': `[top=${height + 12},left=14,bottom=16,right=14]`,
      'elk.nodeSize.constraints': 'MINIMUM_SIZE',
      'elk.nodeSize.minimum': `(${Math.ceil(width)},${height})`,
    },
    children: state.states.map((child) => nodeOf(child)),
  }
}

const edgeOf = (flow: Flow, index: number): ElkExtendedEdge => {
  const lines = labelOf(flow)
  return {
    id: `edge-${index}`,
    sources: [flow.from],
    targets: [flow.to],
    labels: [
      {
        text: lines.join('\n'),
        width: Math.max(...lines.map((line) => line.length)) * characterWidth + 8,
        height: lines.length * lineHeight,
      },
    ],
  }
}

const labelOf = ({ transitions }: Flow): string[] => [
  ...new Set(transitions.flatMap(({ label, guard }) => (guard === null ? [label] : [label, `[${guard}]`]))),
]

/** As the page on the machines has it: `drain [isFull]`. */
const guardedLabel = ({ label, guard }: ChartTransition): string => (guard === null ? label : `${label} [${guard}]`)

/** `runs frameStream`; `stays on worker.retired`; what it does on entry. */
function linesOf({ invokes, entry, transitions }: ChartState): string[] {
  const stays = transitions.filter(({ targets }) => targets.length === 0).map(guardedLabel)
  return [
    ...invokes.map(({ src }) => `runs ${src}`),
    ...(entry.length > 0 ? [`first ${entry.join(', ')}`] : []),
    ...stays.map((label) => `stays on ${label}`),
  ]
}

function boxesOf(state: ChartState, isInitial: boolean, boxes: ReadonlyMap<string, ElkNode>): StateBox[] {
  const box = boxes.get(state.path)
  return [
    {
      path: state.path,
      name: state.key,
      type: state.type,
      isInitial,
      description: state.description,
      ...{ x: round(box?.x), y: round(box?.y), width: round(box?.width), height: round(box?.height) },
      lines: linesOf(state),
    },
    ...state.states.flatMap((child) => boxesOf(child, child.key === state.initial, boxes)),
  ]
}

function arrowOf(flow: Flow, edge: ElkExtendedEdge): Arrow {
  const [label] = edge.labels ?? []
  return {
    from: flow.from,
    to: flow.to,
    events: [...new Set(flow.transitions.map(({ event }) => event))],
    label: labelOf(flow),
    points: (edge.sections ?? []).flatMap((section: ElkEdgeSection) =>
      [section.startPoint, ...(section.bendPoints ?? []), section.endPoint].map(pointOf),
    ),
    labelAt: pointOf({ x: label?.x ?? 0, y: label?.y ?? 0 }),
  }
}

const pointOf = ({ x, y }: Point): Point => ({ x: round(x), y: round(y) })
const round = (value: number | undefined): number => Math.round((value ?? 0) * 10) / 10
