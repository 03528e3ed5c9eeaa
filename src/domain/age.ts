import { type Milliseconds, milliseconds } from './units.ts'

const units = { s: 1e3, m: 6e4, h: 3.6e6, d: 8.64e7 } as const

/** `90m`, `36h` or `7d`, as people write how old something is; `undefined` for anything else. */
export function ageOf(text: string): Milliseconds | undefined {
  const [, number, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? []
  return number === undefined ? undefined : milliseconds(Number(number) * units[unit as keyof typeof units])
}
