import { describe, expect, it } from 'vitest'
import type { ModelFacts, ModelToLoad } from '../../../src/domain/model.ts'
import { warmUp } from '../../../src/workers/inference/warm-up.ts'
import { asUsual } from '../../fakes/fake-model-runner.ts'

const size = (width: number, height: number) => ({ width, height })
const facts = (name: string, input: ModelFacts['input']): ModelFacts => ({
  ...asUsual,
  name,
  kind: 'read',
  input,
  frames: 1,
  labels: [],
  layout: undefined,
})
const codes = facts('codes', size(64, 64))
const loaded = [codes, facts('bolts', size(32, 128)), facts('nuts', size(256, 256))]

/** The pictures that a reader was given, in order. */
async function warmed(pictures: ModelToLoad['pictures'], fails = false): Promise<string[]> {
  const given: string[] = []
  const reader = {
    facts: codes,
    readLines: ({ dims }: { dims: readonly number[] }, { x, y, width, height }: Record<string, number>) => {
      given.push(`${dims.join('x')}: ${x}, ${y}, ${width}, ${height}`)
      return fails ? Promise.reject(new Error('no memory')) : Promise.resolve([])
    },
  }
  const spec = { name: 'codes', kind: 'read', file: '/codes.onnx', labels: undefined, layout: 'auto' } as const
  await warmUp(reader as never, { ...spec, ...(pictures && { pictures }) }, loaded)
  return given
}

describe('a reader that is made ready', () => {
  it('is run twice on an empty picture of each size that cameras give it, also where that goes by another of their models', async () => {
    const models = ['codes']
    const given = [
      { size: size(320, 96), models },
      { size: 'auto' as const, models: ['bolts', 'codes'] },
      { size: size(320, 96), models },
    ]
    const [explicit, auto] = ['1x3x96x320: 0, 0, 320, 96', '1x3x128x64: 0, 0, 64, 128']
    expect(await warmed(given)).toEqual([explicit, explicit, auto, auto])
  })

  it.each([{ pictures: undefined }, { pictures: [] }])('has one of its own size where none is known', async (given) => {
    const own = '1x3x64x64: 0, 0, 64, 64'
    expect(await warmed(given.pictures)).toEqual([own, own])
  })

  it('is refused where it fails', async () => {
    await expect(warmed([{ size: size(320, 96), models: ['codes'] }], true)).rejects.toThrow(
      'Model codes (/codes.onnx) is refused: it fails on an empty picture of 320x96: no memory',
    )
  })
})
