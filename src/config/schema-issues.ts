import type { z } from 'zod'
import { describeFound, describeKey, isCredentialKey } from './found.ts'
import { type ConfigPath, type Issue, valueAt } from './issue.ts'
import { nearest } from './nearest.ts'
import { orList } from './section.ts'

type SchemaIssue = z.core.$ZodIssue

/** The schema's complaints about a document, in the schema's own words (see `section.ts`). */
export const schemaIssues = (error: z.ZodError, document: unknown): Issue[] =>
  error.issues.flatMap((issue) => fromSchema(issue, [], document))

function fromSchema(issue: SchemaIssue, prefix: ConfigPath, document: unknown): Issue[] {
  const path: ConfigPath = [...prefix, ...issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step))]
  if (issue.code === 'unrecognized_keys') {
    const known = issue.message.split(' ')
    return issue.keys.map((key) => unknownKey([...path, key], key, known))
  }
  if (issue.code === 'invalid_key') {
    const expected = issue.issues[0]?.message ?? issue.message
    return [{ path, at: 'key', expected, found: 'another name' }]
  }
  if (issue.code === 'invalid_union') {
    // One alternative that takes this kind of value, and complains about what is in it, is the one that was meant.
    const meant = issue.errors.filter((alternative) =>
      alternative.every((inner) => inner.path.length > 0 || inner.code === 'unrecognized_keys'),
    )
    const [only] = meant
    if (only !== undefined && meant.length === 1) return only.flatMap((inner) => fromSchema(inner, path, document))
  }
  return [{ path, at: 'value', expected: issue.message, found: describeFound(valueAt(document, path), path.at(-1)) }]
}

function unknownKey(path: ConfigPath, key: string, known: readonly string[]): Issue {
  const insteadOf = known.filter((name) => isCredentialKey(key) && name.toLowerCase().includes(key.toLowerCase()))
  if (insteadOf.length > 0) {
    return {
      path,
      at: 'key',
      expected: `${orList(insteadOf)}: secrets come from a file or the environment and never stand here`,
      found: `${key}, whose value is not shown`,
    }
  }
  const expected = `one of ${known.join(', ')} (nearest: ${nearest(key.slice(0, 64), known)})`
  return { path, at: 'key', expected, found: describeKey(key) }
}
