/** Writes ONNX models by hand: nodes and constants are added in order of use, and `encode` makes the file (field numbers from onnx.proto). */
import { bytesField, concat, floatField, intField, textField } from './protobuf.ts'

/** The name of a value in the graph: an input, a constant or a node's output; empty for an optional input that is left out. */
export type Value = string

/** `ints` and `int` are ONNX's INTS and INT; a number array is always INTS here, since no operator we use takes FLOATS. */
export type Attribute =
  { readonly int: number } | { readonly float: number } | { readonly text: string } | readonly number[]

export type Attributes = Readonly<Record<string, Attribute>>

export type ElementType = 'float32' | 'float16' | 'uint8' | 'int64'

export interface TensorInfo {
  readonly name: Value
  /** A name stands for a dimension that is known only when the model runs. */
  readonly dims: readonly (number | string)[]
  /** float32 if not given. */
  readonly type?: ElementType
}

export interface ModelInfo {
  readonly name: string
  readonly inputs: readonly TensorInfo[]
  readonly outputs: readonly TensorInfo[]
  readonly metadata?: Readonly<Record<string, string>>
  /** 17 if not given. */
  readonly opset?: number
}

const irVersion = 8
/** ONNX's numbers for them, as `Cast` takes them too. */
export const elementTypes: Readonly<Record<ElementType, number>> = { float32: 1, uint8: 2, int64: 7, float16: 10 }
const attributeTypes = { float: 1, int: 2, text: 3, ints: 7 }

export class OnnxGraph {
  readonly #nodes: Uint8Array[] = []
  readonly #constants = new Map<string, { readonly name: Value; readonly bytes: Uint8Array }>()
  #count = 0

  /** @param prefix of every name that is made here: what is put into another graph must have no name of that graph's. */
  constructor(private readonly prefix = '') {}

  /** Adds a node; answers the name of its output. */
  op(type: string, inputs: readonly Value[], attributes: Attributes = {}): Value {
    const output = this.#name(type)
    this.#node(type, inputs, [output], attributes)
    return output
  }

  /** A node with two outputs. */
  op2(type: string, inputs: readonly Value[], attributes: Attributes = {}): [Value, Value] {
    const outputs: [Value, Value] = [this.#name(type), this.#name(type)]
    this.#node(type, inputs, outputs, attributes)
    return outputs
  }

  /** Gives a value the name under which the model puts it out. */
  output(name: string, value: Value): void {
    this.#node('Identity', [value], [name], {})
  }

  /** float32 constant; a scalar where `dims` is left out. */
  floats(values: number | readonly number[], dims: readonly number[] = []): Value {
    return this.#constant('float32', dims, new Uint8Array(Float32Array.from(asList(values)).buffer))
  }

  /** int64 constant; a scalar where `dims` is left out. */
  ints(values: number | readonly number[], dims: readonly number[] = []): Value {
    return this.#constant('int64', dims, new Uint8Array(BigInt64Array.from(asList(values), BigInt).buffer))
  }

  /** uint8 constant; a scalar where `dims` is left out. */
  bytes(values: number | readonly number[], dims: readonly number[] = []): Value {
    return this.#constant('uint8', dims, Uint8Array.from(asList(values)))
  }

  /** Nodes and constants as fields of a GraphProto. */
  fragment(): Uint8Array {
    const constants = [...this.#constants.values()].map(({ bytes }) => bytesField(5, bytes))
    return concat([...this.#nodes.map((node) => bytesField(1, node)), ...constants])
  }

  encode(info: ModelInfo): Uint8Array {
    const graph = concat([
      this.fragment(),
      textField(2, info.name),
      ...info.inputs.map((input) => bytesField(11, tensorInfo(input))),
      ...info.outputs.map((output) => bytesField(12, tensorInfo(output))),
    ])
    return concat([
      intField(1, irVersion),
      textField(2, 'belay'),
      bytesField(7, graph),
      bytesField(8, concat([textField(1, ''), intField(2, info.opset ?? 17)])),
      ...Object.entries(info.metadata ?? {}).map(([key, value]) =>
        bytesField(14, concat([textField(1, key), textField(2, value)])),
      ),
    ])
  }

  #name(type: string): Value {
    return `${this.prefix}${type}_${this.#count++}`
  }

  #node(type: string, inputs: readonly Value[], outputs: readonly Value[], attributes: Attributes): void {
    this.#nodes.push(
      concat([
        ...inputs.map((input) => textField(1, input)),
        ...outputs.map((output) => textField(2, output)),
        textField(4, type),
        ...Object.entries(attributes).map(([name, value]) => bytesField(5, attribute(name, value))),
      ]),
    )
  }

  #constant(type: ElementType, dims: readonly number[], raw: Uint8Array): Value {
    const key = `${type}:${dims.join('x')}:${Buffer.from(raw).toString('base64')}`
    const known = this.#constants.get(key)
    if (known !== undefined) return known.name
    const name = `${this.prefix}c${this.#constants.size}`
    const shape = dims.map((dim) => intField(1, dim))
    const bytes = concat([...shape, intField(2, elementTypes[type]), textField(8, name), bytesField(9, raw)])
    this.#constants.set(key, { name, bytes })
    return name
  }
}

const asList = (values: number | readonly number[]): readonly number[] =>
  typeof values === 'number' ? [values] : values

function attribute(name: string, value: Attribute): Uint8Array {
  const named = (type: number, ...fields: Uint8Array[]): Uint8Array =>
    concat([textField(1, name), ...fields, intField(20, type)])
  if ('int' in value) return named(attributeTypes.int, intField(3, value.int))
  if ('float' in value) return named(attributeTypes.float, floatField(2, value.float))
  if ('text' in value) return named(attributeTypes.text, textField(4, value.text))
  return named(attributeTypes.ints, ...value.map((each) => intField(8, each)))
}

export function tensorInfo({ name, dims, type = 'float32' }: TensorInfo): Uint8Array {
  const shape = dims.map((dim) => bytesField(1, typeof dim === 'number' ? intField(1, dim) : textField(2, dim)))
  const tensor = concat([intField(1, elementTypes[type]), bytesField(2, concat(shape))])
  return concat([textField(1, name), bytesField(2, bytesField(1, tensor))])
}
