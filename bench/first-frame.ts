import { createPiscinaRunner } from '../src/adapters/inference/piscina-runner.ts'
import { builtinModels } from '../src/config/builtin-files.ts'
import { bytesPerPicture, type PictureSize } from '../src/domain/frame.ts'
import type { SharedPicture } from '../src/domain/inference-task.ts'
import type { ModelToLoad } from '../src/domain/model.ts'
import { dictionary, drawLabel, labelSize, recogniser, textDetector } from '../test/support/text-models.ts'
import type { Benchmark } from './benchmark.ts'
import { median } from './figures.ts'

const framesAfter = 20

/** What the first frames of a thread that has just loaded its model take, in milliseconds, beside the median of those after them: one model of each kind. */
export const firstFrame: Benchmark = async (workshop, { repeats, tell }) => {
  const grey = (size: PictureSize): SharedPicture => {
    const buffer = new SharedArrayBuffer(bytesPerPicture(size))
    new Uint8Array(buffer).fill(114)
    return { buffer, byteOffset: 0, size }
  }
  const label = { buffer: (await drawLabel()).buffer, byteOffset: 0, size: labelSize }
  const { file, side } = await workshop.network('large')
  const rest = { labels: undefined, layout: 'auto' } as const
  const cases: readonly { readonly spec: ModelToLoad; readonly picture: SharedPicture }[] = [
    { spec: { ...rest, name: 'detect', kind: 'detect', file }, picture: grey({ width: side, height: side }) },
    {
      spec: { ...rest, name: 'classify', kind: 'classify', file: builtinModels['belt-state'] ?? '' },
      picture: grey({ width: side, height: side }),
    },
    {
      spec: { ...rest, name: 'read', kind: 'read', file: recogniser, dictionary, detector: textDetector },
      picture: label,
    },
  ]
  const figures: Record<string, object> = {}
  for (const { spec, picture } of cases) {
    const rounds: number[][] = []
    for (let round = 0; round < repeats; round++) rounds.push(await msOfFrames(spec, picture))
    const at = (frame: number): number => median(rounds.map((each) => each[frame] ?? NaN))
    const after = median(rounds.map((each) => median(each.slice(2))))
    figures[spec.kind] = { firstMs: at(0), secondMs: at(1), afterMs: after }
    tell(`${spec.kind}: ${JSON.stringify(figures[spec.kind])}`)
  }
  return { firstFrame: figures }
}

async function msOfFrames(spec: ModelToLoad, picture: SharedPicture): Promise<number[]> {
  const worker = await createPiscinaRunner().startWorker([spec], new AbortController().signal)
  try {
    const [frames = 1] = worker.models.map((model) => model.frames)
    const taken: number[] = []
    while (taken.length < 2 + framesAfter) {
      const { elapsed } = await worker.run({
        picture,
        previous: frames === 2 ? picture : undefined,
        sourceSize: picture.size,
        fit: 'letterbox',
        models: [{ model: spec.name, scoreThreshold: 0.5, iouThreshold: 0.5 }],
      })
      taken.push(elapsed)
    }
    return taken
  } finally {
    await worker.close()
  }
}
