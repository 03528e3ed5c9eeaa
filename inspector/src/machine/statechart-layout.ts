/** A statechart with a place for everything, in pixels; made by scripts/draw-statecharts.ts and the same each time. */
export interface ChartLayout {
  readonly id: string
  readonly width: number
  readonly height: number
  /** Each state after the one that it is within; the machine itself is not among them. */
  readonly states: readonly StateBox[]
  readonly arrows: readonly Arrow[]
  readonly anywhere: readonly Anywhere[]
}

/** What it answers in whatever state. */
export interface Anywhere {
  readonly event: string
  /** Paths; empty where it stays. */
  readonly targets: readonly string[]
  /** `drain → draining`. */
  readonly words: string
}

export interface StateBox {
  readonly path: string
  readonly name: string
  readonly type: 'atomic' | 'compound' | 'parallel' | 'final' | 'history'
  readonly isInitial: boolean
  readonly description: string | null
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  /** What it does meanwhile, and what it answers without leaving: one line each. */
  readonly lines: readonly string[]
}

export interface Arrow {
  /** Paths. */
  readonly from: string
  readonly to: string
  /** The types of the events that take this way. */
  readonly events: readonly string[]
  readonly label: readonly string[]
  readonly points: readonly Point[]
  readonly labelAt: Point
}

export interface Point {
  readonly x: number
  readonly y: number
}
