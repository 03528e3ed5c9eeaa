import type { Box } from './fitting.ts'
import type { CapturedFrame } from './frame.ts'

/** What kind of answer a model gives: boxes, one score for each label, or lines of text. */
export type ModelKind = 'detect' | 'classify' | 'read'

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

/** One line of text: where it stands in the camera's own picture, what it says, and how sure that is, 0..1. */
export interface TextLine extends Box {
  readonly text: string
  readonly score: number
}

/** What one model said of one frame. An empty `detections` means: looked, and saw nothing. */
export type Finding =
  | ({ readonly kind: 'detect'; readonly model: string; readonly detections: readonly Detection[] } & MayBeAtBound)
  /** All labels, the best first. */
  | { readonly kind: 'classify'; readonly model: string; readonly scores: readonly LabelScore[] }
  /** In the order in which people read; none means: looked, and saw no text. */
  | ({ readonly kind: 'read'; readonly model: string; readonly lines: readonly TextLine[] } & MayBeAtBound)

interface MayBeAtBound {
  /** As much was found as is kept of a frame: there may have been more. */
  readonly isAtBound?: boolean
}

/** One frame that all models of its camera have answered for. */
export interface Inspection {
  readonly frame: CapturedFrame
  readonly findings: readonly Finding[]
}
