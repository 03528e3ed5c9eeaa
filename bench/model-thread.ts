/** A thread that runs models and nothing else: what ONNX Runtime takes for a frame when nobody stands in its way. */
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { sessionOptions } from '../src/workers/inference/session-options.ts'

export interface ModelToMeasure {
  readonly file: string
  /** Inputs to run it on in turn, float32 of shape `dims`. */
  readonly samples: readonly Float32Array[]
  readonly dims: readonly number[]
}

export type ModelThreadRequest =
  /** First: read all models and run each on each of its samples. */
  | { readonly type: 'load'; readonly models: readonly ModelToMeasure[] }
  /** Run all models, again and again, until `stop` holds something other than 0. Answers with how often. */
  | { readonly type: 'run'; readonly stop: Int32Array }

interface Ready {
  readonly session: InferenceSession
  readonly feeds: readonly Record<string, Tensor>[]
  readonly output: string
}

let ready: readonly Ready[] = []

export default async function answer(request: ModelThreadRequest): Promise<number> {
  switch (request.type) {
    case 'load':
      ready = await Promise.all(request.models.map(load))
      for (const { session, feeds, output } of ready) for (const feed of feeds) await session.run(feed, [output])
      return 0
    case 'run': {
      let frames = 0
      while (Atomics.load(request.stop, 0) === 0) {
        for (const { session, feeds, output } of ready) {
          const feed = feeds[frames % feeds.length]
          if (feed !== undefined) await session.run(feed, [output])
        }
        frames++
      }
      return frames
    }
  }
}

async function load({ file, samples, dims }: ModelToMeasure): Promise<Ready> {
  const session = await InferenceSession.create(file, sessionOptions)
  const [input] = session.inputNames
  const [output] = session.outputNames
  if (input === undefined || output === undefined) throw new Error(`${file} has no input or no output`)
  return { session, feeds: samples.map((sample) => ({ [input]: new Tensor('float32', sample, dims) })), output }
}
