// Two bugs for tests, loaded before the daemon: no thread draws the belt of seed 13, and what is thrown is no error that anybody expects;
// and a model whose input is called `hangs` never comes back from a picture that is not black, at no cost to the processor.
import { syncBuiltinESMExports } from 'node:module'
import workerThreads from 'node:worker_threads'
import ort from 'onnxruntime-node'

const { Worker } = workerThreads
workerThreads.Worker = class extends Worker {
  constructor(file, options) {
    if (options?.workerData?.seed === 13) throw new TypeError('injected: the belt of seed 13 cannot be drawn')
    super(file, options)
  }
}
syncBuiltinESMExports()

const create = ort.InferenceSession.create.bind(ort.InferenceSession)
ort.InferenceSession.create = async (model, ...options) => {
  const session = await create(model, ...options)
  if (!Buffer.from(model).includes('hangs')) return session
  const run = session.run.bind(session)
  session.run = (feeds, ...rest) => {
    const isBlack = Object.values(feeds).every(({ data }) => data.every((value) => value === 0))
    if (!isBlack) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
    return run(feeds, ...rest)
  }
  return session
}
