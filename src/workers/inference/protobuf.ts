/** The little of the protobuf wire format that ONNX needs to be written: varints, 32-bit floats and length-delimited fields. */

type Bytes = Uint8Array

function varint(value: number | bigint): number[] {
  let rest = BigInt.asUintN(64, BigInt(value))
  const bytes: number[] = []
  do {
    const low = Number(rest & 0x7fn)
    rest >>= 7n
    bytes.push(rest === 0n ? low : low | 0x80)
  } while (rest !== 0n)
  return bytes
}

/** A whole number, negative ones in 64-bit two's complement as protobuf's int32 and int64 have them. */
export const intField = (field: number, value: number | bigint): Bytes =>
  Uint8Array.from([...varint(field << 3), ...varint(value)])

/** One 32-bit float. */
export const floatField = (field: number, value: number): Bytes =>
  concat([Uint8Array.from(varint((field << 3) | 5)), new Uint8Array(Float32Array.of(value).buffer)])

/** Bytes as they are: a nested message, or raw data. */
export const bytesField = (field: number, bytes: Bytes): Bytes =>
  concat([Uint8Array.from([...varint((field << 3) | 2), ...varint(bytes.length)]), bytes])

/** UTF-8 text. */
export const textField = (field: number, text: string): Bytes => bytesField(field, new TextEncoder().encode(text))

/** A message is its fields one after the other. */
export function concat(parts: readonly Bytes[]): Bytes {
  const whole = new Uint8Array(parts.reduce((total, part) => total + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
