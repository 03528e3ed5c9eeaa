/** The little of an ONNX file that has to be known for putting nodes into it; the rest is carried over as it is. Field numbers from onnx.proto. */
import { bytesField, concat } from './protobuf.ts'
import { fieldsOf, readVarint } from './protobuf-reader.ts'

/** Fields of ModelProto, GraphProto, ValueInfoProto and OperatorSetIdProto. */
const graphField = 7
const opsetField = 8
export const inputField = 11
export const outputField = 12
const nameField = 1
const domainField = 1
const versionField = 2

/** The model with another graph. @throws {RangeError} it isn't laid out as a protobuf message. */
export function changeGraph(model: Uint8Array, change: (graph: Uint8Array) => Uint8Array): Uint8Array {
  const parts: Uint8Array[] = []
  for (const { at, number, start, end } of fieldsOf(model)) {
    if (number === graphField) parts.push(bytesField(graphField, change(model.subarray(start, end))))
    else parts.push(model.subarray(at, end))
  }
  return concat(parts)
}

/** Which version of ONNX's own operators it is made of; 0 if it doesn't say. */
export function opsetOf(model: Uint8Array): number {
  for (const { number, start, end } of fieldsOf(model)) {
    if (number !== opsetField) continue
    let domain = ''
    let version = 0
    const opset = model.subarray(start, end)
    for (const field of fieldsOf(opset)) {
      if (field.number === domainField) domain = textOf(opset.subarray(field.start, field.end))
      if (field.number === versionField) version = readVarint(opset, field.start).value
    }
    if (domain === '' || domain === 'ai.onnx') return version
  }
  return 0
}

/** The name of an input or an output. */
export function nameOf(valueInfo: Uint8Array): string {
  for (const { number, start, end } of fieldsOf(valueInfo)) {
    if (number === nameField) return textOf(valueInfo.subarray(start, end))
  }
  return ''
}

const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)
