import { type Milliseconds, milliseconds, seconds } from './units.ts'

/** What can be said of a stream that is open. Only `fresh` is good; the others are shown with their reason. */
export type Judgement =
  | { readonly type: 'fresh' }
  /** No picture for some time, and not yet for so long that the stream is lost. */
  | { readonly type: 'stale'; readonly silence: Milliseconds }
  /** Pictures come, and have been the same, bit by bit, for some time. */
  | { readonly type: 'frozen'; readonly unchanged: Milliseconds }
  /** Fewer than half of the pictures that were to be expected. */
  | { readonly type: 'degraded'; readonly rate: number; readonly expected: number }

export interface StreamFacts {
  /** Since the last picture, or since when one could be expected. */
  readonly silence: Milliseconds
  /** For how long all pictures have been the same; `undefined`: they are not, or nobody compares them. */
  readonly unchanged: Milliseconds | undefined
  /** Pictures a second lately; `undefined` while that is not known or is ours to decide. */
  readonly rate: number | undefined
}

export interface Expectations {
  /** Pictures a second; `undefined` where the source doesn't say. */
  readonly rate: number | undefined
  readonly frozenAfter: Milliseconds | 'off'
}

const intervals = 3
/** Pictures come over a network in bursts: a gap shorter than this is nobody's business, however high the rate. */
const shortestGap = milliseconds(500)
const usualGap = seconds(1)

/** A stream is stale after 3 of its intervals, and 0.5 s at least. */
export const staleAfter = (rate: number | undefined): Milliseconds =>
  rate === undefined || rate <= 0 ? usualGap : milliseconds(Math.max(shortestGap, (intervals * 1000) / rate))

/** Below this share of its rate a stream is degraded; it has recovered above the higher one, so that it doesn't flicker. */
const degradedBelow = 0.5
const recoveredFrom = 0.6

/** The worst that is true of it. */
export function judgeStream(facts: StreamFacts, expected: Expectations, before: Judgement['type']): Judgement {
  const { silence, unchanged, rate } = facts
  if (silence >= staleAfter(expected.rate)) return { type: 'stale', silence }
  if (unchanged !== undefined && expected.frozenAfter !== 'off' && unchanged >= expected.frozenAfter) {
    return { type: 'frozen', unchanged }
  }
  const least = before === 'degraded' ? recoveredFrom : degradedBelow
  if (rate !== undefined && expected.rate !== undefined && rate < least * expected.rate) {
    return { type: 'degraded', rate, expected: expected.rate }
  }
  return { type: 'fresh' }
}

/** For people. */
export function judgementWords(judgement: Judgement): string {
  switch (judgement.type) {
    case 'fresh':
      return 'pictures arrive'
    case 'stale':
      return `no picture for ${(judgement.silence / 1000).toFixed(1)} s`
    case 'frozen':
      return `every picture has been the same for ${Math.floor(judgement.unchanged / 1000)} s`
    case 'degraded':
      return `${judgement.rate.toFixed(1)} pictures a second arrive, of ${judgement.expected} that were announced`
  }
}
