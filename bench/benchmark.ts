/** What one benchmark is told. */
export interface BenchOptions {
  /** Files may be left here; it is removed at the end. */
  readonly folder: string
  /** How often everything is measured; figures are medians. An odd number. */
  readonly repeats: number
  /** Frames of the clip. */
  readonly frames: number
  /** Cameras that read the clip at the same time. */
  readonly cameras: number
  /** Says what is going on, for people. */
  readonly tell: (line: string) => void
}

/** Measures one thing, and resolves with figures that go into the JSON under its name. Rejects when what it measured went wrong, never because it was slow. */
export type Benchmark = (options: BenchOptions) => Promise<object>
