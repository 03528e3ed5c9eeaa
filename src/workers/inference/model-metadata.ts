import { closeSync, openSync, readSync } from 'node:fs'
import type { Exporter } from '../../domain/yolo-layout.ts'
import { readField } from './protobuf-reader.ts'

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

/** Ultralytics' has named itself since v8, with the model's description and of late its `head`; `end2end` is v10's, `nms` that of any which is exported with its suppression. */
export function exporterOf(metadata: ReadonlyMap<string, string>): Exporter {
  const { description = '', head } = Object.fromEntries(metadata)
  if (head === 'RTDETRDecoder' || /^Ultralytics \S*rt-?detr/i.test(description)) return 'rt-detr'
  if (metadata.get('end2end') === 'True' || /'nms': True\b/.test(metadata.get('args') ?? '')) return 'suppressing'
  return metadata.get('author') === 'Ultralytics' ? 'ultralytics' : 'unknown'
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
