import type { Arrow, ChartLayout, StateBox } from './statechart-layout.ts'
import { span, timesWords } from '../parts/format.ts'
import { isWayTaken, type MachineHistory, type Transition, withEnclosing } from '../history/machine-history.ts'
import { stateWord, toneOf } from '../parts/tone.ts'

interface StatechartProps {
  readonly layout: ChartLayout
  /** The innermost active states. */
  readonly nodes: readonly string[]
  readonly last: Transition | undefined
  readonly spent: MachineHistory['spent']
}

/** The drawing: the current states lit, the way taken last drawn strong, and in each state the time spent there. */
export function Statechart({ layout, nodes, last, spent }: StatechartProps) {
  const { width, height, states, arrows } = layout
  const active = withEnclosing(nodes)
  const words =
    nodes.length === 0
      ? 'in no state'
      : `now in ${nodes.map((node) => stateWord(node.slice(node.lastIndexOf('.') + 1))).join(' and ')}`
  const isTaken = arrows.map((arrow) => isWayTaken(arrow, last))
  return (
    <svg
      class="statechart"
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-label={`${layout.id}, ${words}`}
    >
      <defs>
        <marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">
          <path d="M0 .5 8 4 0 7.5z" />
        </marker>
        <marker id="tip-taken" viewBox="0 0 8 8" refX="6" refY="4" markerWidth="6" markerHeight="6" orient="auto">
          <path d="M0 .5 8 4 0 7.5z" />
        </marker>
      </defs>
      {/* Words lie above every line. */}
      {arrows.map((arrow, index) => (
        <Way key={index} arrow={arrow} isTaken={isTaken[index] ?? false} />
      ))}
      {states.map((state) => (
        <Box key={state.path} state={state} isActive={active.has(state.path)} spent={spent.get(state.path)} />
      ))}
      {arrows.map((arrow, index) => (
        <WayLabel key={index} arrow={arrow} isTaken={isTaken[index] ?? false} />
      ))}
    </svg>
  )
}

interface BoxProps {
  readonly state: StateBox
  readonly isActive: boolean
  readonly spent: { readonly ms: number; readonly times: number } | undefined
}

function Box({ state, isActive, spent }: BoxProps) {
  const { x, y, width, height, name, type, isInitial, description, lines } = state
  const isInner = type === 'atomic' || type === 'final'
  const classes = ['box', type, isActive ? `active ${isInner ? toneOf(name) : ''}` : '']
  return (
    <g class={classes.join(' ')}>
      <title>
        {[description, spent && `In it for ${span(spent.ms)}, came there ${timesWords(spent.times)}.`]
          .filter((text) => text)
          .join(' ')}
      </title>
      <rect x={x} y={y} width={width} height={height} rx="6" />
      {type === 'final' && <rect x={x + 3} y={y + 3} width={width - 6} height={height - 6} rx="4" />}
      {isInitial && <circle cx={x + 12} cy={y + 13} r="4" class="initial" />}
      <text x={x + (isInitial ? 22 : 10)} y={y + 17} class="name">
        {name}
      </text>
      {lines.map((line, index) => (
        <text key={line} x={x + 10} y={y + 37 + index * 16} class="line">
          {line}
        </text>
      ))}
      {spent !== undefined && isInner && (
        <text x={x + width} y={y + height + 13} class="spent">
          {span(spent.ms)}
          {spent.times > 1 && `, ${spent.times}×`}
        </text>
      )}
    </g>
  )
}

interface WayProps {
  readonly arrow: Arrow
  readonly isTaken: boolean
}

function Way({ arrow: { points }, isTaken }: WayProps) {
  const [start, ...rest] = points
  if (start === undefined) return null
  const path = `M${start.x} ${start.y}${rest.map(({ x, y }) => `L${x} ${y}`).join('')}`
  return (
    <g class={isTaken ? 'way taken' : 'way'}>
      <path d={path} marker-end={isTaken ? 'url(#tip-taken)' : 'url(#tip)'} />
    </g>
  )
}

function WayLabel({ arrow: { label, labelAt }, isTaken }: WayProps) {
  return (
    <g class={isTaken ? 'way taken' : 'way'}>
      {label.map((line, index) => (
        <text key={line} x={labelAt.x + 4} y={labelAt.y + 12 + index * 16}>
          {line}
        </text>
      ))}
    </g>
  )
}
