import type { Milliseconds } from '../../domain/units.ts'

/** `3 d 4 h`, `3 h 4 min`, `3 min 4 s`, `4 s` */
export function inWords(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  const [minutes, hours, days] = [60, 3600, 86_400].map((length) => Math.floor(seconds / length)) as [
    number,
    number,
    number,
  ]
  if (days > 0) return `${days} d ${hours % 24} h`
  if (hours > 0) return `${hours} h ${minutes % 60} min`
  return minutes > 0 ? `${minutes} min ${seconds % 60} s` : `${seconds} s`
}

/** `3.2 s` */
export const inSeconds = (time: Milliseconds): string => `${(time / 1000).toFixed(1)} s`
