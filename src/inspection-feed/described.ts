import * as z from 'zod/mini'
import type { EpochMs, Milliseconds } from '../domain/units.ts'

/** The type of what is described: plain data that nobody changes. */
export type Of<Schema extends z.ZodMiniType> = Unchanged<z.infer<Schema>>

type Simple = string | number | boolean | null | undefined
type Unchanged<Data> = Data extends Simple ? Data : { readonly [Key in keyof Data]: Unchanged<Data[Key]> }

/** One of `Word` as far as we know them: a later version may know more. */
export const text = <Word extends string>() => z.custom<Word>((found) => typeof found === 'string', 'a text')

const something = 'a text that is not empty'
export const name = z.string(something).check(z.minLength(1, { error: something, abort: true }))

export const plain = z.union([z.string(), z.number(), z.boolean()], 'a text, a number, true or false')

export const milliseconds = z.custom<Milliseconds>(Number.isFinite, 'a number')

/** A moment that a date can hold, whatever the time zone. */
export const moment = z.custom<EpochMs>(
  (found) => Number.isFinite(found) && Math.abs(found) <= 8e15,
  'milliseconds since 1970',
)

/** Not `z.nullable`, whose issues don't tell that there may be none. */
export const orNull = <Schema extends z.ZodMiniType>(schema: Schema) => z.union([schema, z.null()])
