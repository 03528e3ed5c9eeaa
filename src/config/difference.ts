import { Secret } from './secret.ts'

/** Whether two parts of a configuration say the same; secrets are compared by their text. */
export function isSame(a: unknown, b: unknown): boolean {
  if (a instanceof Secret || b instanceof Secret) {
    return a instanceof Secret && b instanceof Secret && a.reveal() === b.reveal()
  }
  if (!isObject(a) || !isObject(b)) return Object.is(a, b)
  return Array.isArray(a) === Array.isArray(b) && differingKeys(a, b).length === 0
}

/** The keys under which two maps of a configuration differ, those that only one of them has included. */
export const differingKeys = (a: object, b: object): string[] =>
  [...new Set([...Object.keys(a), ...Object.keys(b)])].filter((key) => !isSame(valueOf(a, key), valueOf(b, key)))

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

const valueOf = (map: object, key: string): unknown => (map as Readonly<Record<string, unknown>>)[key]
