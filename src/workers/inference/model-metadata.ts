import { closeSync, openSync, readSync } from 'node:fs'

/** Fields of ModelProto and StringStringEntryProto in onnx.proto. */
const metadataField = 14
const keyField = 1
const valueField = 2

/** One metadata entry longer than this is no name list, and is passed over. */
const maxEntryBytes = 4 * 1024 * 1024

/**
 * The `metadata_props` of an ONNX file: what the exporter says of the model (`names`, `imgsz`, `task`, …).
 *
 * ONNX Runtime's binding doesn't give them, so they are read from the file: its top level is walked field by field and the
 * graph, which may have gigabytes, is stepped over.
 *
 * @throws {RangeError} the file isn't laid out as a protobuf message.
 */
export function readMetadata(file: string): ReadonlyMap<string, string> {
  const metadata = new Map<string, string>()
  const handle = openSync(file, 'r')
  try {
    const read = (position: number, length: number): Uint8Array => {
      const bytes = new Uint8Array(length)
      return bytes.subarray(0, readSync(handle, bytes, 0, length, position))
    }
    for (let position = 0; ;) {
      // A field's number and length have at most 20 bytes.
      const head = read(position, 20)
      if (head.length === 0) return metadata
      const field = readField(head, 0)
      const length = field.end - field.start
      if (field.number === metadataField && length <= maxEntryBytes) {
        const [key, value] = readEntry(read(position + field.start, length))
        metadata.set(key, value)
      }
      position += field.end
    }
  } finally {
    closeSync(handle)
  }
}

function readEntry(bytes: Uint8Array): [key: string, value: string] {
  const entry = { [keyField]: '', [valueField]: '' }
  for (let at = 0; at < bytes.length;) {
    const { number, start, end } = readField(bytes, at)
    if (number === keyField || number === valueField)
      entry[number] = new TextDecoder().decode(bytes.subarray(start, end))
    at = end
  }
  return [entry[keyField], entry[valueField]]
}

interface Field {
  readonly number: number
  /** Where its content starts and ends, counted like `at`. */
  readonly start: number
  readonly end: number
}

function readField(bytes: Uint8Array, at: number): Field {
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

function readVarint(bytes: Uint8Array, at: number): { value: number; end: number } {
  let value = 0
  for (let index = 0; index < 10; index++) {
    const byte = bytes[at + index]
    if (byte === undefined) throw new RangeError('not a protobuf message: it ends inside a number')
    value += (byte & 0x7f) * 2 ** (7 * index)
    if (byte < 0x80) return { value, end: at + index + 1 }
  }
  throw new RangeError('not a protobuf message: a number has more than 10 bytes')
}
