import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { checkModelFile } from '../../src/commands/check-model-file.ts'
import { MemoryTerminal } from '../commands/memory-terminal.ts'
import { writeModel } from '../workers/inference/support.ts'

const bundled = (name: string) => fileURLToPath(new URL(`../../models/${name}.onnx`, import.meta.url))

const check = async (file: string, labels?: readonly string[]) => {
  const terminal = new MemoryTerminal()
  const code = await checkModelFile(file, { labels, providers: ['cpu'] }, terminal)
  // As wide as the terminal, so that a detail may go over several lines.
  return { code, said: terminal.said.replace(/\s+/g, ' ') }
}

describe('a model that is checked by itself', () => {
  it('is found to be a detector, with its input, layout, labels and time a frame', async () => {
    const { code, said } = await check(bundled('belt-particles'))
    expect(code).toBe(0)
    expect(said).toMatch(/detect, 640x640, 1 frame, float32, layout v8, labels bright, dark, [\d.]+ ms a frame/)
    expect(said).toMatch(/1 of 1 ok $/)
  })

  it('is found to be a classifier', async () => {
    const { code, said } = await check(bundled('belt-state'))
    expect(code).toBe(0)
    expect(said).toMatch(/classify, 160x160, 2 frames, float32, labels moving, stopped, empty, [\d.]+ ms a frame/)
  })

  it('is refused with the reason, as the one kind and as the other', async () => {
    const { code, said } = await check(bundled('belt-particles'), ['one'])
    expect(code).toBe(1)
    expect(said).toContain('to detect:')
    expect(said).toContain('to classify:')
    expect(said).toContain('to read:')
    expect(said).toContain('0 of 3 ok')
  })

  it('is refused where it is none', async () => {
    const { code, said } = await check(await writeModel('This is not a model'))
    expect(code).toBe(1)
    expect(said).toContain('it cannot be read:')
  })
})
