import type { Tone } from '../parts/tone.ts'

/** Something that went on for a while in one actor: what a person would tell of it, not each event. */
export interface Episode {
  /** Empty where it is of all actors. */
  readonly path: string
  readonly kind:
    | 'state'
    | 'start'
    | 'reconnect'
    | 'interruption'
    | 'stop'
    | 'crash'
    | 'upload'
    | 'deadline'
    | 'operator'
    | 'fault'
    | 'violation'
    | 'gap'
  readonly label: string
  /** The path of the file that is told of. */
  readonly file?: string
  readonly tone: Tone
  /** Monotonic; `to` is `null` while it goes on. */
  readonly from: number
  readonly to: number | null
  /** One sentence on why, where there is one. */
  readonly why: string | null
}

/** Whose it is, in words. */
export const whose = (path: string): string => (path === '' ? 'all actors' : path.replace(/^root\//, ''))

/** It happened at one moment. */
export const isMark = (kind: Episode['kind']): boolean =>
  kind === 'operator' || kind === 'fault' || kind === 'violation'
