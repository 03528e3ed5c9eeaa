import type { Milliseconds } from '../../domain/units.ts'

/** `3.2 s` */
export const inSeconds = (time: Milliseconds): string => `${(time / 1000).toFixed(1)} s`
