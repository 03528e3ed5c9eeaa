/** A thread that keeps the inference protocol and ends, breaks or hangs when told to, by the name of its model. */
import { milliseconds } from '../../../../src/domain/units.ts'
import type { InferenceReply, InferenceRequest } from '../../../../src/workers/inference-protocol.ts'

const hang = (): unknown => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 400)

const orders: Readonly<Record<string, () => unknown>> = {
  'load: exit': () => process.exit(3),
  'load: hang': hang,
  'run: exit': () => process.exit(3),
  'run: hang': hang,
  'run: throw': () => {
    throw new TypeError('a bug')
  },
}

export default function answer(request: InferenceRequest): InferenceReply {
  const name = request.type === 'load' ? request.models[0]?.name : request.models[0]?.model
  if (name?.startsWith(request.type) === true) orders[name]?.()
  return request.type === 'load'
    ? { type: 'loaded', models: [] }
    : { type: 'answered', findings: [], elapsed: milliseconds(0) }
}
