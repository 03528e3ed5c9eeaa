import { mkdir, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ScratchFolder } from '../../../src/commands/check/scratch-folder.ts'
import type { FrameSink } from '../../../src/ports/frame-sink.ts'
import type { VideoSource } from '../../../src/ports/video-source.ts'
import { temporaryFolder } from '../http/http-site.ts'

const [sink, signal] = [{} as FrameSink, new AbortController().signal]
const opened = { sourceSize: { width: 1, height: 1 }, rate: undefined, ended: Promise.resolve() }
const camera = (): VideoSource => ({
  open: () => Promise.resolve(opened as never),
  released: () => Promise.resolve(),
})

let temporary: string
beforeEach(async () => {
  temporary = join(await temporaryFolder(), 'tmp')
  vi.stubEnv('TMPDIR', temporary)
})
afterEach(() => vi.unstubAllEnvs())

describe('the folder for what a check downloads', () => {
  it('is made once, for us alone, when the first camera that downloads is opened', async () => {
    await mkdir(temporary)
    const scratch = new ScratchFolder()
    const cameras = [scratch.before(camera()), scratch.before(camera())]
    expect(await readdir(temporary)).toEqual([])
    expect(await Promise.all(cameras.map((each) => each.open(sink, signal)))).toEqual([opened, opened])
    expect((await stat(scratch.path)).mode & 0o777).toBe(0o700)
    await scratch.remove()
    expect(await readdir(temporary)).toEqual([])
  })

  it('fails those cameras where it cannot be made, and is nobody else’s trouble', async () => {
    const scratch = new ScratchFolder()
    await expect(scratch.before(camera()).open(sink, signal)).rejects.toThrow(
      `A video cannot be downloaded for the check: mkdir of ${scratch.path} failed with ENOENT (no such file or directory). TMPDIR says where`,
    )
    await scratch.remove()
    await expect(stat(temporary)).rejects.toThrow('ENOENT')
  })
})
