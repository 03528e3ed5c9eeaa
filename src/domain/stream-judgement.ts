import type { StreamFacts } from './stream-measures.ts'
import { type Milliseconds, milliseconds, minutes, seconds } from './units.ts'

/** What can be said of a stream that is open. Only `fresh` is good; the others are shown with their reason. */
export type Judgement =
  | { readonly type: 'fresh' }
  /** No picture for some time, and not yet for so long that the stream is lost. */
  | { readonly type: 'stale'; readonly silence: Milliseconds }
  /** Pictures come, and have been the same, bit by bit, for some time. */
  | { readonly type: 'frozen'; readonly unchanged: Milliseconds }
  /** More than a tenth of its pictures could be decoded only in part, or not at all. */
  | { readonly type: 'damaged'; readonly damaged: number; readonly pictures: number }
  /** Fewer than half of the pictures that were to be expected. */
  | { readonly type: 'slow'; readonly rate: number; readonly expected: number; readonly isAnnounced: boolean }

/** The state of the camera in which a judgement is shown. */
export const stateOf = (type: Judgement['type']) => (type === 'damaged' || type === 'slow' ? 'degraded' : type)

export interface Expectations {
  /** Pictures a second; `undefined` where the source doesn't say. */
  readonly announced: number | undefined
  /** Pictures a second that are supposed while nothing is known. */
  readonly supposed: number
  readonly frozenAfter: Milliseconds | 'off'
}

const intervals = 3
/** Pictures come over a network in bursts: a gap shorter than this is nobody's business, however high the rate. */
const shortestGap = milliseconds(500)

export interface Supposition {
  readonly every: number
  readonly maxRate: number | undefined
  readonly stallAfter: Milliseconds | 'auto'
  readonly failures: number
}

/** A slower camera than this, one picture in 16 s, has to be given its `stallAfter`. */
const mostHalvings = 3

/**
 * A camera that doesn't say its rate is supposed to send so many pictures a second, of which `every` and `maxRate` leave some; fewer
 * where it is configured to be lost later than that would be.
 * While fewer have come lately, each failure in a row but the first halves that: the streams before may have been called lost because
 * the camera is slower.
 */
export function supposedRate({ every, maxRate, stallAfter, failures }: Supposition, captureRate: number): number {
  const bySilence = stallAfter === 'auto' ? Infinity : (2 * intervals * 1000) / stallAfter
  const usual = Math.min(intervals / every, maxRate ?? Infinity, bySilence)
  const halvings = Math.min(Math.max(0, failures - 1), mostHalvings)
  return captureRate >= usual ? usual : usual / 2 ** halvings
}

/** A stream is stale after 3 of its intervals, and 0.5 s at least. */
export const staleAfter = (rate: number): Milliseconds => milliseconds(Math.max(shortestGap, (intervals * 1000) / rate))

/** Where nobody says when a silent stream is lost: after 6 of its intervals, and 2 s at least, so that it is stale for as long before. */
export const stallAfterByRate = (rate: number): Milliseconds => milliseconds(Math.max(seconds(2), 2 * staleAfter(rate)))

/**
 * A recording may have a gap, or a stretch that cannot be decoded, and what comes after it is found by going on only: opened again, it begins at its
 * first picture. What is silent for so long hangs.
 */
export const recordingStallAfter = minutes(60)

/** What tells how long a stream's intervals are. */
export const rateOf = ({ usualRate }: StreamFacts, { announced, supposed }: Expectations): number =>
  announced ?? usualRate ?? supposed

/** Below this share of its rate a stream is slow; it has recovered above the higher one, so that it doesn't flicker. */
const slowBelow = 0.5
const fastFrom = 0.6
/** A rate is taken over 5 s: of fewer pictures a second than this, one that is a little late would be half of them. */
const leastRated = 1
/** Of its pictures, likewise. */
const damagedAbove = 0.1
const soundUpTo = 0.05
/** Of few pictures one would be a large share. */
const leastDamaged = 2

/** The worst that is true of it. */
export function judgeStream(facts: StreamFacts, expected: Expectations, before: Judgement['type']): Judgement {
  const { silence, unchanged, damage, rate, usualRate } = facts
  if (silence >= staleAfter(rateOf(facts, expected))) return { type: 'stale', silence }
  if (unchanged !== undefined && expected.frozenAfter !== 'off' && unchanged >= expected.frozenAfter) {
    return { type: 'frozen', unchanged }
  }
  const mostDamaged = before === 'damaged' ? soundUpTo : damagedAbove
  const isShare = damage !== undefined && (before === 'damaged' || damage.damaged >= leastDamaged)
  if (isShare && damage.damaged > mostDamaged * damage.pictures) return { type: 'damaged', ...damage }
  const least = before === 'slow' ? fastFrom : slowBelow
  const { announced } = expected
  const whole = announced ?? usualRate
  if (rate !== undefined && whole !== undefined && whole >= leastRated && rate < least * whole) {
    return { type: 'slow', rate, expected: whole, isAnnounced: announced !== undefined }
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
    case 'damaged':
      return `${judgement.damaged} of ${judgement.pictures} pictures in 5 s were damaged`
    case 'slow': {
      const { rate, expected, isAnnounced } = judgement
      const whole = isAnnounced ? `${expected} that were announced` : `${expected.toFixed(1)} that came at first`
      return `${rate.toFixed(1)} pictures a second arrive, of ${whole}`
    }
  }
}
