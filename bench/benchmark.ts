import type { Workshop } from './workshop.ts'

/** What one benchmark is told. */
export interface BenchOptions {
  /** How often everything is measured; figures are medians. An odd number. */
  readonly repeats: number
  /** How long a running daemon is watched for one figure. */
  readonly seconds: number
  /** Says what is going on, for people. */
  readonly tell: (line: string) => void
}

/** Figures by the first part of their key, such as `throughput` in `throughput.large.ratio`. */
export type Figures = Readonly<Record<string, object>>

/** Measures one family of figures. Rejects when what it measured went wrong, never because it was slow. */
export type Benchmark = (workshop: Workshop, options: BenchOptions) => Promise<Figures>
