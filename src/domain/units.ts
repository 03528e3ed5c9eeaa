declare const unit: unique symbol

/** A length of time. Every duration in this codebase is milliseconds; the constructors below are the only way in. */
export type Milliseconds = number & { readonly [unit]: 'ms' }

export const milliseconds = (count: number): Milliseconds => count as Milliseconds
export const seconds = (count: number): Milliseconds => milliseconds(count * 1000)
export const minutes = (count: number): Milliseconds => seconds(count * 60)

/** A point in time: milliseconds since 1970-01-01T00:00:00Z on the wall clock, which may step. Never used for deadlines. */
export type EpochMs = number & { readonly [unit]: 'epoch ms' }

export const epochMs = (count: number): EpochMs => count as EpochMs

/** ISO 8601 in UTC with milliseconds, as it stands in rows, logs and the feed: `2026-11-22T02:08:36.123Z`. */
export const isoTime = (at: EpochMs): string => new Date(at).toISOString()

/** The same as it stands in the names of files: `20261122T020836123Z`, which sorts by time. */
export const compactTime = (at: EpochMs): string => isoTime(at).replace(/[-:.]/g, '')
