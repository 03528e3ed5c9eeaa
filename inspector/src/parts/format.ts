import { durationWords } from '../../../src/domain/duration-words.ts'

const grouped = new Intl.NumberFormat('en-US')

/** 12,345 */
export const count = (value: number): string => grouped.format(value)

/** 24.9; 0 */
export const rate = (value: number): string => (value === 0 ? '0' : value.toFixed(1))

/** 0 ms; 8.3 ms; 83 ms; 1.2 s */
export function latency(ms: number): string {
  if (ms === 0) return '0 ms'
  if (ms < 10) return `${ms.toFixed(1)} ms`
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`
}

/** 2026-11-22 02:08:36, in the browser's time zone. A recording may say of a figure that it is a moment, and it is none. */
export const moment = (at: number): string => {
  const local = new Date(at - new Date(at).getTimezoneOffset() * 60_000)
  if (Number.isNaN(local.getTime())) return 'no date'
  return local.toISOString().slice(0, 19).replace('T', ' ')
}

/** 02:08:36; 11-21 02:08:36 where it is of another day than `now`. */
export const shortMoment = (at: number, now: number): string => {
  const words = moment(at)
  return words.slice(words.slice(0, 10) === moment(now).slice(0, 10) ? 11 : 5)
}

/** UTC; UTC+01:00; UTC-03:30: the browser's time zone at that moment. */
export const zone = (at: number): string => {
  const minutes = -new Date(at).getTimezoneOffset()
  if (minutes === 0 || Number.isNaN(minutes)) return 'UTC'
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60]
  return `UTC${minutes < 0 ? '-' : '+'}${String(hours).padStart(2, '0')}:${String(rest).padStart(2, '0')}`
}

/** 2026-11-22T01:08:36.123Z, as logs and rows have it. */
export const utc = (at: number): string => {
  const date = new Date(at)
  return Number.isNaN(date.getTime()) ? 'no date' : date.toISOString()
}

/** 2026-11-22 02:08:36.123, in the browser's time zone. */
export const momentMs = (at: number): string =>
  `${moment(at)}.${String(Math.floor(((at % 1_000) + 1_000) % 1_000)).padStart(3, '0')}`

/** 4 s ago */
export const timeAgo = (at: number, now: number): string => `${durationWords(now - at)} ago`

/** of 02:08:36, 4 s before: where `now` is a moment of the past. */
export const timeBefore = (at: number, now: number): string =>
  `of ${moment(at).slice(11)}, ${durationWords(now - at)} before`

/** 200 ms; 1.5 s; 1 min 10 s: a mark on an axis. */
export const tick = (ms: number): string =>
  ms < 1_000 ? `${ms} ms` : ms < 60_000 ? `${ms / 1_000} s` : durationWords(ms)

/** once; 4 times */
export const timesWords = (times: number): string => (times === 1 ? 'once' : `${count(times)} times`)

/** 40 ms; 1.2 s; 12 min 4 s: a length of time that may be short. */
export const span = (ms: number): string => (ms < 10_000 ? latency(ms) : durationWords(ms))
