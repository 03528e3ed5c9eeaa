import { closeSync, openSync, readSync } from 'node:fs'
import { type Field, readField } from './protobuf-reader.ts'

/** Some bytes of a file; fewer at its end. */
export type ReadAt = (position: number, length: number) => Uint8Array

/** So much is read at once: most of what is looked at lies close together. */
const windowBytes = 64 * 1024

/** Gives `use` the bytes of a file, any part of it. */
export function readingFile<T>(file: string, use: (read: ReadAt) => T): T {
  const handle = openSync(file, 'r')
  try {
    let from = 0
    let window = new Uint8Array(0)
    return use((position, length) => {
      if (position < from || position + length > from + window.length) {
        const bytes = new Uint8Array(Math.max(length, windowBytes))
        window = bytes.subarray(0, readSync(handle, bytes, 0, bytes.length, position))
        from = position
      }
      return window.subarray(position - from, position - from + length)
    })
  } finally {
    closeSync(handle)
  }
}

/**
 * Each field of the message that lies in a file between two places, by default all of it, with places in the file. What isn't looked at, such as weights of
 * gigabytes, is stepped over.
 *
 * @throws {RangeError} it isn't laid out as a protobuf message.
 */
export function* fieldsOfFile(read: ReadAt, from = 0, to = Infinity): Generator<Field> {
  for (let at = from; at < to;) {
    // A field's number and length have at most 20 bytes.
    const head = read(at, 20)
    if (head.length === 0) return
    const { number, start, end } = readField(head, 0)
    yield { number, start: at + start, end: at + end }
    at += end
  }
}
