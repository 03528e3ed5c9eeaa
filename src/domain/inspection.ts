import type { Box } from './fitting.ts'
import type { CapturedFrame } from './frame.ts'

/** What kind of answer a model gives: boxes, or one score for each label. */
export type ModelKind = 'detect' | 'classify'

/** One thing seen: a box in the pixels of the camera's own picture (before any scaling), its label, its score in 0..1. */
export interface Detection extends Box {
  readonly label: string
  readonly score: number
}

/** One label's score in 0..1. */
export interface LabelScore {
  readonly label: string
  readonly score: number
}

/** What one model said of one frame. An empty `detections` means: looked, and saw nothing. */
export type Finding =
  | { readonly kind: 'detect'; readonly model: string; readonly detections: readonly Detection[] }
  /** All labels, the best first. */
  | { readonly kind: 'classify'; readonly model: string; readonly scores: readonly LabelScore[] }

/** One frame that all models of its camera have answered for. */
export interface Inspection {
  readonly frame: CapturedFrame
  readonly findings: readonly Finding[]
}
