/** One field of a protobuf message. */
export interface Field {
  readonly number: number
  /** Where its content starts and ends, counted like `at`. */
  readonly start: number
  readonly end: number
}

/** The field that begins at `at`. @throws {RangeError} the bytes aren't laid out as a protobuf message. */
export function readField(bytes: Uint8Array, at: number): Field {
  const tag = readVarint(bytes, at)
  const number = Math.floor(tag.value / 8)
  switch (tag.value % 8) {
    case 0:
      return { number, start: tag.end, end: readVarint(bytes, tag.end).end }
    case 1:
      return { number, start: tag.end, end: tag.end + 8 }
    case 2: {
      const length = readVarint(bytes, tag.end)
      return { number, start: length.end, end: length.end + length.value }
    }
    case 5:
      return { number, start: tag.end, end: tag.end + 4 }
    default:
      throw new RangeError(`not a protobuf message: wire type ${tag.value % 8}`)
  }
}

export function readVarint(bytes: Uint8Array, at: number): { value: number; end: number } {
  let value = 0
  for (let index = 0; index < 10; index++) {
    const byte = bytes[at + index]
    if (byte === undefined) throw new RangeError('not a protobuf message: it ends inside a number')
    value += (byte & 0x7f) * 2 ** (7 * index)
    if (byte < 0x80) return { value, end: at + index + 1 }
  }
  throw new RangeError('not a protobuf message: a number has more than 10 bytes')
}

/** Each field of a message in turn, with where it begins. */
export function* fieldsOf(message: Uint8Array): Generator<Field & { readonly at: number }> {
  for (let at = 0; at < message.length;) {
    const field = readField(message, at)
    yield { ...field, at }
    at = field.end
  }
}
