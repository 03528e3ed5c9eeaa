import * as z from 'zod/mini'

/** The first thing in what was checked that is otherwise than described. */
export interface Fault {
  /** `actors[3].why`; empty for all of it. */
  readonly place: string
  /** Words that follow "expected". */
  readonly expected: string
  readonly found: unknown
}

/** Undefined where all is as the schema has it. */
export function faultOf(schema: z.ZodMiniType, found: unknown): Fault | undefined {
  // Nearly all is as it has to be, and `validate` costs less.
  if (z.validate(schema, found)) return undefined
  const [issue] = z.safeParse(schema, found, { error: expectedWords }).error?.issues ?? []
  if (issue === undefined) return undefined
  const { path, message } = innermost(issue)
  return { place: z.core.toDotPath(path), expected: message, found: path.reduce(valueAt, found) }
}

/** Of alternatives, the one that complains about what is inside is the one that was meant. */
function innermost(issue: z.core.$ZodIssue): z.core.$ZodIssue {
  const alternatives = issue.code === 'invalid_union' ? issue.errors.flat() : []
  const meant = alternatives.find((inside) => inside.path.length > 0)
  return meant === undefined ? issue : innermost({ ...meant, path: [...issue.path, ...meant.path] })
}

const valueAt = (value: unknown, key: PropertyKey): unknown =>
  (value as Readonly<Record<PropertyKey, unknown>> | null | undefined)?.[key]

const kinds: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  array: 'a list',
  object: 'an object',
  record: 'an object',
  null: 'null',
}

/** Where a schema has no words of its own. */
function expectedWords(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code === 'invalid_type') return kinds[issue.expected]
  if (issue.code === 'invalid_value') return oneOf(issue.values)
  if (issue.code !== 'invalid_union') return undefined
  if ('options' in issue) return oneOf(issue.options as readonly unknown[])
  return issue.errors.map(([first]) => first?.message).join(' or ')
}

const oneOf = (values: readonly unknown[]): string =>
  values.length === 1 ? String(values[0]) : `one of ${values.join(', ')}`
