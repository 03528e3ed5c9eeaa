import type { Exporter } from '../../domain/yolo-layout.ts'
import { fieldsOfFile, readingFile } from './fields-of-file.ts'
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
  return readingFile(file, (read) => {
    const metadata = new Map<string, string>()
    for (const { number, start, end } of fieldsOfFile(read)) {
      if (number !== metadataField || end - start > maxEntryBytes) continue
      const [key, value] = readEntry(read(start, end - start))
      metadata.set(key, value)
    }
    return metadata
  })
}

/** Ultralytics' has named itself since v8, with the model's description and of late its `head`; `end2end` is v10's, `nms` that of any which is exported with its suppression. */
export function exporterOf(metadata: ReadonlyMap<string, string>): Exporter {
  const { description = '', head } = Object.fromEntries(metadata)
  if (head === 'RTDETRDecoder' || /^Ultralytics \S*rt-?detr/i.test(description)) return 'rt-detr'
  if (metadata.get('end2end') === 'True' || /'nms': True\b/.test(metadata.get('args') ?? '')) return 'suppressing'
  return metadata.get('author') === 'Ultralytics' ? 'ultralytics' : 'unknown'
}

/** A StringStringEntryProto. */
export function readEntry(bytes: Uint8Array): [key: string, value: string] {
  const entry = { [keyField]: '', [valueField]: '' }
  for (let at = 0; at < bytes.length;) {
    const { number, start, end } = readField(bytes, at)
    if (number === keyField || number === valueField)
      entry[number] = new TextDecoder().decode(bytes.subarray(start, end))
    at = end
  }
  return [entry[keyField], entry[valueField]]
}
