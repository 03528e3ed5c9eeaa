import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ModelRefusedError } from '../../../src/domain/inference-errors.ts'
import type { ModelToLoad } from '../../../src/domain/model.ts'
import { digested } from '../../../src/workers/inference/digested.ts'

let folder: string
let spec: ModelToLoad & { readonly dictionary: string; readonly detector: string }

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'belay-digested-'))
  const [file = '', dictionary = '', detector = ''] = ['a.onnx', 'a.txt', 'b.onnx'].map((name) => join(folder, name))
  spec = { name: 'codes', kind: 'read', labels: undefined, layout: 'auto', file, dictionary, detector }
})
beforeEach(async () => {
  for (const path of [spec.file, spec.dictionary, spec.detector]) await writeFile(path, path)
})
afterAll(() => rm(folder, { recursive: true }))

const digest = async () => (await digested(spec, async () => 'loaded')).digest

describe('the digest of a model', () => {
  it('is the same while its files are, whenever they were written', async () => {
    const before = await digest()
    await writeFile(spec.file, spec.file)
    expect(await digest()).toBe(before)
    expect(before).toMatch(/^[0-9a-f]{64}$/)
  })

  it.each(['file', 'dictionary', 'detector'] as const)('is another where its %s is', async (which) => {
    const before = await digest()
    await writeFile(spec[which], 'another')
    expect(await digest()).not.toBe(before)
  })
})

describe('a model that is loaded while its file is', () => {
  it.each([
    { what: 'written', change: () => writeFile(spec.file, spec.file.toUpperCase()) },
    {
      what: 'replaced',
      change: async () => {
        await writeFile(`${spec.detector}.new`, spec.detector)
        await rename(`${spec.detector}.new`, spec.detector)
      },
    },
  ])('$what is refused: nobody knows of what it is made', async ({ change }) => {
    const load = digested(spec, change)
    await expect(load).rejects.toThrow(ModelRefusedError)
    await expect(load).rejects.toThrow('its file was changed while it was loaded')
  })

  it('missing is refused by who loads it, with what that knows', async () => {
    await rm(spec.file)
    const refusal = new ModelRefusedError('codes', spec.file, 'there is no such file')
    await expect(digested(spec, () => Promise.reject(refusal))).rejects.toBe(refusal)
  })
})
