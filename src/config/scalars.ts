import { z } from 'zod'
import type { PictureSize } from '../domain/frame.ts'
import { type Milliseconds, milliseconds } from '../domain/units.ts'
import { orList } from './section.ts'

const unitMs = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const
const dayMs = unitMs.d

/** `500ms`, `1.5s`, `2m`, `1h`; from `min` to a day (timers beyond 24 days fire at once). */
export function duration({ min = '1ms', or = '' }: { min?: string; or?: string } = {}) {
  const expected = `${or}a duration from ${min} to 24h, such as 500ms, 5s, 2m or 1h`
  const least = durationMs(min)
  return z
    .string({ error: expected })
    .regex(/^\d{1,9}(\.\d{1,3})?(ms|s|m|h)$/, { error: expected, abort: true })
    .transform((text): Milliseconds => milliseconds(durationMs(text)))
    .refine((length) => length >= least && length <= dayMs, { error: expected })
}

/** `90m`, `36h`, `7d`; up to ten years, for what is looked at now and then and no timer is set to. */
export function longDuration({ or = '' }: { or?: string } = {}) {
  const expected = `${or}a duration from 1s to 3650d, such as 90m, 36h or 7d`
  return z
    .string({ error: expected })
    .regex(/^\d{1,9}(\.\d{1,3})?(s|m|h|d)$/, { error: expected, abort: true })
    .transform((text): Milliseconds => milliseconds(durationMs(text)))
    .refine((length) => length >= unitMs.s && length <= 3650 * dayMs, { error: expected })
}

function durationMs(text: string): number {
  const [, count = '', unit = 'ms'] = /^([\d.]+)(ms|s|m|h|d)$/.exec(text) ?? []
  return Math.round(Number(count) * unitMs[unit as keyof typeof unitMs])
}

const unitBytes = { B: 1, kB: 1e3, KB: 1e3, MB: 1e6, GB: 1e9, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 } as const

/** `10MB` (millions), `64KiB` (1,024 each); from `min` bytes to 1 TB. */
export function byteSize({ min }: { min: number }) {
  const least = min > 0 && min % 1e6 === 0 ? `${min / 1e6}MB` : `${min}B`
  const expected = `a size from ${least} to 1000GB, such as 64KiB, 10MB or 1GiB`
  return z
    .string({ error: expected })
    .regex(/^\d{1,9}(\.\d{1,3})?(B|[kK]B|MB|GB|KiB|MiB|GiB)$/, { error: expected, abort: true })
    .transform((text) => {
      const [, count = '', unit = 'B'] = /^([\d.]+)(\w+)$/.exec(text) ?? []
      return Math.round(Number(count) * unitBytes[unit as keyof typeof unitBytes])
    })
    .refine((bytes) => bytes >= min && bytes <= 1e12, { error: expected })
}

/** `640x480`; 16 to 8192 pixels a side. */
export function pictureSize(expected = 'a size in pixels such as 640x480, 16 to 8192 a side') {
  return z
    .string({ error: expected })
    .regex(/^\d{2,4}x\d{2,4}$/, { error: expected, abort: true })
    .transform((text): PictureSize => {
      const [width = 0, height = 0] = text.split('x').map(Number)
      return { width, height }
    })
    .refine(({ width, height }) => Math.min(width, height) >= 16 && Math.max(width, height) <= 8192, {
      error: expected,
    })
}

/** An address that says where and never who. `example` begins with the first scheme. */
export function url(schemes: readonly string[], example: string) {
  const expected = `an address such as ${example}`
  return z
    .string({ error: expected })
    .regex(new RegExp(`^(${schemes.join('|')})://`), { error: expected, abort: true })
    .refine((text) => URL.canParse(text) && new URL(text).hostname !== '', { error: expected, abort: true })
    .refine((text) => new URL(text).username === '' && new URL(text).password === '', {
      error: 'an address without user name and password (they go into `username` and `passwordFile` or `passwordEnv`)',
    })
}

/** The same, of a camera that wants its password in the path or behind a question mark: there `{password}` stands for it. */
export const cameraUrl = (schemes: readonly string[], example: string) =>
  url(schemes, example).refine((text) => !/(?<![a-z])(pass|passwd|password|pwd)=(?!\{password\})/i.test(text), {
    error:
      'an address without a password (write {password} in its place; it comes from `passwordFile` or `passwordEnv`)',
  })

export const text = (expected = 'a text (in quotes if it looks like a number)') =>
  z
    .string({ error: expected })
    // A NUL byte ends a path or a host name early where the operating system reads it.
    .regex(/^[^\0\r\n]+$/, { error: expected })

/** No shell reads it: `~` would be a folder of that name. */
const startsAtHome = /^~(\/|$)/

export const path = () =>
  text('a path').refine((text) => !startsAtHome.test(text), {
    error:
      'a path without ~, which means nothing here: written out, such as /home/belay/password, or relative to the folder of this file',
  })

export const remoteFolder = () =>
  text('a path').refine((text) => !startsAtHome.test(text), {
    error:
      'a path without ~, which means nothing here: relative ones begin at the login folder, so results instead of ~/results',
  })

/** With or without its zone: `fe80::1%eth0`. */
const isIPv6 = (text: string): boolean => URL.canParse(`http://[${text.replace(/%[^%:]+$/, '')}]/`)

export const hostName = () => {
  const expected = 'a host name or an IP address'
  return z
    .string({ error: expected })
    .regex(/^[A-Za-z0-9._:%-]{1,255}$/, { error: expected, abort: true })
    .refine((text) => !text.includes(':') || isIPv6(text), {
      error: `${expected} alone (the port has its own key, \`port\`)`,
    })
}

/** A file whose content is the secret. */
export const secretFile = () => path()

/** Upper case only: a password that was put here by mistake is then seldom taken for a name and shown. */
export const secretVariable = () => {
  const expected = 'the name of an environment variable in upper case, such as BELAY_PASSWORD'
  return z.string({ error: expected }).regex(/^[A-Z_][A-Z0-9_]*$/, { error: expected })
}

/** Not the token: nobody gets in with it. */
export const tokenHash = () => {
  const expected = 'a hash as `belay token` prints it, beginning with $scrypt$'
  return z
    .string({ error: expected })
    .regex(/^\$scrypt\$ln=1[0-8],r=8,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/, { error: expected })
}

export const wholeNumber = (min: number, max: number, expected = `a whole number from ${min} to ${max}`) =>
  z
    .number({ error: expected })
    .int({ error: expected, abort: true })
    .min(min, { error: expected, abort: true })
    .max(max, { error: expected })

export const numberBetween = (min: number, max: number, expected = `a number from ${min} to ${max}`) =>
  z.number({ error: expected }).min(min, { error: expected, abort: true }).max(max, { error: expected })

export const choice = <const Words extends readonly [string, ...string[]]>(words: Words) =>
  z.enum(words, { error: orList(words) })

export const flag = () => z.boolean({ error: 'true or false' })
