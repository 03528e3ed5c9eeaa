import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { SharedPicture } from '../../../src/domain/inference-task.ts'
import { createPiscinaRunner } from '../../../src/adapters/inference/piscina-runner.ts'
import { createBelt } from '../../../src/workers/belt/scene.ts'

const modelFile = (name: string): string => fileURLToPath(new URL(`../../../models/${name}`, import.meta.url))
const size = { width: 640, height: 640 }

describe('the bundled models in a thread', () => {
  it('see on the belt what is there', async () => {
    const worker = await createPiscinaRunner().startWorker(
      [
        {
          name: 'particles',
          kind: 'detect',
          file: modelFile('belt-particles.onnx'),
          labels: undefined,
          layout: 'auto',
        },
        { name: 'state', kind: 'classify', file: modelFile('belt-state.onnx'), labels: undefined, layout: 'auto' },
      ],
      new AbortController().signal,
    )
    onTestFinished(() => worker.close())
    expect(worker.models).toMatchObject([
      { kind: 'detect', layout: 'v8', frames: 1, labels: ['bright', 'dark'] },
      { kind: 'classify', frames: 2, labels: ['moving', 'stopped', 'empty'] },
    ])

    const belt = createBelt({ seed: 90_210, ...size, rate: 15 })
    const buffer = new SharedArrayBuffer(2 * 640 * 640 * 3)
    const slot = (index: number) => new Uint8Array(buffer, index * 640 * 640 * 3, 640 * 640 * 3)
    const shared = (index: number): SharedPicture => ({ buffer, byteOffset: index * 640 * 640 * 3, size })
    // The first frame with the belt running and something on it.
    const frame = Array.from({ length: 200 }, (_, index) => index + 1).find(
      (number) => belt.draw(number, slot(1)).state === 'moving',
    )
    if (frame === undefined) throw new Error('The belt never moves')
    belt.draw(frame - 1, slot(0))
    const truth = belt.draw(frame, slot(1))

    const { findings } = await worker.run({
      picture: shared(1),
      previous: shared(0),
      // As if the camera's own picture were twice as large.
      sourceSize: { width: 1280, height: 1280 },
      fit: 'letterbox',
      models: ['particles', 'state'].map((model) => ({ model, scoreThreshold: 0.5, iouThreshold: 0.45 })),
    })
    const [particles, state] = findings
    expect(state).toMatchObject({ kind: 'classify', scores: [{ label: 'moving' }, {}, {}] })
    const seen = particles?.kind === 'detect' ? particles.detections : []
    const found = truth.particles.filter(({ x, y, radius, polarity }) =>
      seen.some(
        (box) =>
          box.label === polarity &&
          Math.hypot((box.x + box.width / 2) / 2 - x, (box.y + box.height / 2) / 2 - y) <= radius / 2,
      ),
    )
    expect(truth.particles.length).toBeGreaterThan(3)
    expect(found.length).toBeGreaterThanOrEqual(Math.floor(truth.particles.length * 0.9))
  })
})
