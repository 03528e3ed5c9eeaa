import { z } from 'zod'

/**
 * A map whose keys are all known.
 *
 * Throughout the schema an issue's message is what was expected, as words that follow "expected". For unknown keys it is
 * the list of the known ones, separated by blanks.
 */
export function section<Shape extends z.ZodRawShape>(shape: Shape) {
  const keys = Object.keys(shape)
  return z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? keys.join(' ') : `a map of ${orList(keys, 'and')}`),
  })
}

/** `a, b or c`. */
export function orList(words: readonly string[], conjunction: 'or' | 'and' = 'or'): string {
  const last = words.at(-1) ?? ''
  return words.length < 2 ? last : `${words.slice(0, -1).join(', ')} ${conjunction} ${last}`
}
