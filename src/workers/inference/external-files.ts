import { dirname, join } from 'node:path'
import { type ReadAt, fieldsOfFile, readingFile } from './fields-of-file.ts'
import { readEntry } from './model-metadata.ts'

/** Messages of onnx.proto in which there are tensors, and the numbers of the fields that lead there. */
const ways = {
  model: { 7: 'graph' },
  graph: { 1: 'node', 5: 'tensor' },
  node: { 5: 'attribute' },
  attribute: { 5: 'tensor', 6: 'graph', 10: 'tensor', 11: 'graph' },
  tensor: { 13: 'external' },
  external: {},
} as const satisfies Readonly<Record<string, Readonly<Record<number, string>>>>

/** A longer one is no path. */
const longestEntry = 64 * 1024

/**
 * The files beside an ONNX file in which it keeps weights, by their paths: in its own folder, whatever links there are, as ONNX Runtime looks for them.
 *
 * @throws {RangeError} the file isn't laid out as a protobuf message. @throws {Error} what the system says.
 */
export const externalFilesOf = (file: string): string[] =>
  readingFile(file, (read) => [...new Set(locations(read, 'model'))].map((location) => join(dirname(file), location)))

function* locations(read: ReadAt, message: keyof typeof ways, from?: number, to?: number): Generator<string> {
  const within: Readonly<Record<number, keyof typeof ways>> = ways[message]
  for (const { number, start, end } of fieldsOfFile(read, from, to)) {
    const next = within[number]
    if (next === 'external') {
      if (end - start > longestEntry) continue
      const [key, location] = readEntry(read(start, end - start))
      if (key === 'location') yield location
    } else if (next !== undefined) yield* locations(read, next, start, end)
  }
}
