declare const value: unique symbol

/**
 * What plain data has to be, said once: its type follows from it (`Of`), and what was read is checked by it.
 *
 * Not zod, by which the configuration is checked: the page reads 50,000 records at once and its policy lets no code be made of
 * texts, without which zod takes ten times as long.
 */
export interface Shape<Value> {
  readonly [value]?: Value
  /** For people: `a text`. */
  readonly expected: string
  /** The first thing in `found` that is otherwise; undefined where all is as it has to be. */
  fault(found: unknown): Fault | undefined
}

export type Of<Described> = Described extends Shape<infer Value> ? Value : never

export interface Fault {
  /** Where in what was checked: `actors[3].why`; empty for all of it. */
  readonly place: string
  readonly expected: string
  readonly found: unknown
}

function simple<Value>(expected: string, fits: (found: unknown) => boolean): Shape<Value> {
  return { expected, fault: (found) => (fits(found) ? undefined : { place: '', expected, found }) }
}

/** Any text, which is one of `Word` as far as we know them: a later version may know more. */
export const text = <Word extends string = string>(): Shape<Word> =>
  simple('a text', (found) => typeof found === 'string')

/** A text that says something. */
export const name: Shape<string> = simple(
  'a text that is not empty',
  (found) => typeof found === 'string' && found !== '',
)

/** JSON has no NaN, but 1e999. */
export const number = <Unit extends number = number>(): Shape<Unit> => simple('a number', Number.isFinite)

/** A moment that a date can hold, whatever the time zone. */
export const moment = <Unit extends number = number>(): Shape<Unit> =>
  simple('milliseconds since 1970', (found) => Number.isFinite(found) && Math.abs(found as number) <= 8e15)

export const plain: Shape<string | number | boolean> = simple(
  'a text, a number, true or false',
  (found) => typeof found === 'string' || typeof found === 'boolean' || Number.isFinite(found),
)

export function oneOf<const Values extends readonly (string | number)[]>(...values: Values): Shape<Values[number]> {
  const known = new Set<unknown>(values)
  return simple(values.length === 1 ? String(values[0]) : `one of ${values.join(', ')}`, (found) => known.has(found))
}

export function nullable<Value>(shape: Shape<Value>): Shape<Value | null> {
  const expected = `${shape.expected} or null`
  return {
    expected,
    fault(found) {
      const fault = found === null ? undefined : shape.fault(found)
      return fault?.place === '' ? { ...fault, expected } : fault
    },
  }
}

interface Optional<Value> extends Shape<Value> {
  readonly isOptional: true
}

/** Of a field: it may be absent. */
export const optional = <Value>(shape: Shape<Value>): Optional<Value> => ({
  expected: shape.expected,
  isOptional: true,
  fault: (found) => (found === undefined ? undefined : shape.fault(found)),
})

export function listOf<Value>(shape: Shape<Value>): Shape<readonly Value[]> {
  const list = simple('a list', Array.isArray)
  return {
    expected: list.expected,
    fault(found) {
      const fault = list.fault(found)
      if (fault !== undefined) return fault
      const values = found as readonly unknown[]
      for (let index = 0; index < values.length; index++) {
        const inside = shape.fault(values[index])
        if (inside !== undefined) return within(`[${index}]`, inside)
      }
      return undefined
    },
  }
}

const anObject = simple('an object', (found) => typeof found === 'object' && found !== null && !Array.isArray(found))

/** Values by names of any kind. */
export const mapOf = <Value>(shape: Shape<Value>): Shape<Readonly<Record<string, Value>>> => ({
  expected: anObject.expected,
  fault(found) {
    const fault = anObject.fault(found)
    if (fault !== undefined) return fault
    const values = found as Readonly<Record<string, unknown>>
    for (const name in values) {
      const inside = shape.fault(values[name])
      if (inside !== undefined) return within(name, inside)
    }
    return undefined
  },
})

type Fields = Readonly<Record<string, Shape<unknown>>>
type OptionalNames<Given extends Fields> = {
  [Name in keyof Given]: Given[Name] extends Optional<unknown> ? Name : never
}[keyof Given]
type ObjectOf<Given extends Fields> = {
  readonly [Name in keyof Given as Exclude<Name, OptionalNames<Given>>]: Of<Given[Name]>
} & { readonly [Name in keyof Given as Extract<Name, OptionalNames<Given>>]?: Of<Given[Name]> }

/** An object with these fields; what it has beside them is left alone, as a later version may have more. */
export function object<Given extends Fields>(fields: Given): Shape<ObjectOf<Given>> {
  const shapes = Object.entries(fields)
  return {
    expected: anObject.expected,
    fault(found) {
      const fault = anObject.fault(found)
      if (fault !== undefined) return fault
      for (const [name, shape] of shapes) {
        const inside = shape.fault((found as Readonly<Record<string, unknown>>)[name])
        if (inside !== undefined) return within(name, inside)
      }
      return undefined
    },
  }
}

/** One of these objects: the one that its `type` names. */
export function byType<Types extends { readonly [Type in keyof Types]: Shape<{ readonly type: Type }> }>(
  types: Types,
): Shape<Of<Types[keyof Types]>> {
  const shapes = new Map<unknown, Shape<unknown>>(Object.entries(types))
  const names = object({ type: oneOf(...Object.keys(types)) })
  return {
    expected: anObject.expected,
    fault: (found) => {
      const shape = shapes.get((found as { readonly type?: unknown } | null)?.type)
      return (shape ?? names).fault(found)
    },
  }
}

/** An object that is both. */
export const both = <One, Other>(one: Shape<One>, other: Shape<Other>): Shape<One & Other> => ({
  expected: one.expected,
  fault: (found) => one.fault(found) ?? other.fault(found),
})

const within = (name: string, { place, ...fault }: Fault): Fault => ({
  ...fault,
  place: place === '' || place.startsWith('[') ? `${name}${place}` : `${name}.${place}`,
})
