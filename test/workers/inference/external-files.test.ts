import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { digested } from '../../../src/workers/inference/digested.ts'
import { externalFilesOf } from '../../../src/workers/inference/external-files.ts'
import { emptyInput } from '../../../src/workers/inference/input-tensor.ts'
import { loadModel } from '../../../src/workers/inference/load-model.ts'
import { bytesField, concat, intField, textField } from '../../../src/workers/inference/protobuf.ts'
import { classifier, constantModel, outsideModel, outsideTensor, writeModel } from './support.ts'

const floats = (...values: number[]) => new Uint8Array(Float32Array.from(values).buffer)
/** Each channel to its own label, and each to the next. */
const [straight, crossed] = [floats(4, 0, 0, 0, 4, 0, 0, 0, 4), floats(0, 9, 0, 0, 0, 9, 9, 0, 0)]

describe('a model that keeps weights in files beside it', () => {
  it('names each of them once: of its tensors, of constants and of graphs within', async () => {
    const tensor = (location: string) => outsideTensor('w', [2], location)
    const constant = (location: string) => bytesField(1, concat([bytesField(5, bytesField(5, tensor(location)))]))
    const branch = bytesField(1, bytesField(5, concat([textField(1, 'then_branch'), bytesField(6, bytesField(5, tensor('c')))]))) // prettier-ignore
    const weights = bytesField(5, concat([textField(8, 'inside'), bytesField(9, new Uint8Array(100_000))]))
    const graph = concat([constant('a'), weights, bytesField(5, tensor('b')), bytesField(5, tensor('a')), branch])
    const file = await writeModel(concat([intField(1, 8), bytesField(7, graph)]))
    expect(externalFilesOf(file)).toEqual(['a', 'b', 'c'].map((name) => join(dirname(file), name)))
  })

  it('has another digest where they are others', async () => {
    const spec = await classifier(outsideModel())
    const beside = join(dirname(spec.file), 'weights.data')
    const digest = async () => (await digested(spec, async () => 'loaded')).digest
    await writeFile(beside, straight)
    const before = await digest()
    await writeFile(beside, crossed)
    expect(await digest()).not.toBe(before)
    await writeFile(beside, straight)
    expect(await digest()).toBe(before)
    await expect(digested(spec, () => writeFile(beside, crossed))).rejects.toThrow('changed while it was loaded')
  })

  it('is given those, and none of the same name in the folder that the process is in', async () => {
    const spec = await classifier(outsideModel())
    await writeFile(join(dirname(spec.file), 'weights.data'), straight)
    const [elsewhere, here] = [await mkdtemp(join(tmpdir(), 'belay-model-')), process.cwd()]
    onTestFinished(() => rm(elsewhere, { recursive: true }))
    await writeFile(join(elsewhere, 'weights.data'), crossed)
    process.chdir(elsewhere)
    onTestFinished(() => process.chdir(here))
    const model = await loadModel(spec)
    if (!('classify' in model)) throw new Error('No classifier was loaded')
    expect(model.facts.beside).toBe('it cannot be changed: it has weights in a file beside it (weights.data)')
    const red = emptyInput(model.input)
    ;(red.data as Float32Array).fill(1, 0, 64)
    expect((await model.classify(red))[0]?.label).toBe('red')
  })
})

describe('a model that has all its weights', () => {
  it('names no files', async () => {
    expect(externalFilesOf(await writeModel(constantModel([1, 5, 1], [0, 0, 0, 0, 0])))).toEqual([])
  })
})
