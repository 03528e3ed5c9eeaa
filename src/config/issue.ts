/** Where something stands in the document: keys of maps and indexes of lists, from the root. */
export type ConfigPath = readonly (string | number)[]

/** Something wrong with the document, not yet located in the text. `expected` and `found` follow those words; never a secret in them. */
export interface Issue {
  readonly path: ConfigPath
  /** What the mistake points at: the value, or its key. A value that is missing points at the map that lacks it. */
  readonly at: 'value' | 'key'
  readonly expected: string
  readonly found: string
}

/** Whether a key may be shown: what is glued to it otherwise may be a password (`password:hunter2`). */
export const isPlainKey = (key: string): boolean => /^[\w.-]{1,64}$/.test(key)

/** `cameras[0].source.url`; empty for the root. A key that may not be shown is `…`. */
export const formatPath = (path: ConfigPath): string =>
  path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`
    const key = isPlainKey(step) ? step : '…'
    return text === '' ? key : `${text}.${key}`
  }, '')

/** The value at a path; `undefined` where there is none. */
export const valueAt = (document: unknown, path: ConfigPath): unknown => path.reduce(step, document)

function step(value: unknown, key: string | number): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
  return (value as Record<string | number, unknown>)[key]
}

/** A list's items with their indexes; none where the value is no list. */
export const itemsAt = (document: unknown, path: ConfigPath): [number, unknown][] => {
  const list = valueAt(document, path)
  return Array.isArray(list) ? [...list.entries()] : []
}

export const textAt = (document: unknown, path: ConfigPath): string | undefined => {
  const value = valueAt(document, path)
  return typeof value === 'string' ? value : undefined
}
