import { isPlainKey } from './issue.ts'

const longestShown = 60

/** What stands there, in words for a mistake. Anything that may hold a password is not shown. */
export function describeFound(value: unknown, key: string | number | undefined): string {
  if (value === undefined || value === null) return 'nothing'
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list'
  if (typeof value === 'object') return 'a map'
  if (typeof key === 'string' && isCredentialKey(key)) return `a ${typeof value} that is not shown`
  if (typeof value === 'string') return quote(redact(value, key))
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : 'a value of another kind'
}

/** The keys beside which a secret is put by mistake, and the key itself where one is written out. */
export const isCredentialKey = (key: string): boolean =>
  /^(pass|pwd|token|secret|privatekey|apikey)|tokenhash$/i.test(key)

export const describeKey = (key: string): string =>
  isPlainKey(key) ? `the unknown key "${key}"` : 'an unknown key with other characters than letters, digits and dashes'

/**
 * Cuts what may be credentials out of an address: everything before the last @, and what follows the host. Where an address
 * belongs, one without its scheme is one all the same; a question mark stands in nothing else.
 */
function redact(text: string, key: string | number | undefined): string {
  const scheme = /^[a-z]+:\/\//i.exec(text)?.[0] ?? ''
  const at = text.lastIndexOf('@')
  const place = at === -1 ? text.slice(scheme.length) : `…${text.slice(at)}`
  const isAddress = scheme !== '' || key === 'url' || key === 'source'
  return scheme + (isAddress ? place.replace(/[/?].+$/s, '/…') : place.replace(/\?.+$/s, '?…'))
}

const quote = (text: string): string =>
  JSON.stringify(text.length > longestShown ? `${text.slice(0, longestShown)}…` : text)
