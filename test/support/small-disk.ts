import { execFile } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** A disk of its own, in memory, so small that it is soon full. Only root can make one. */
export interface SmallDisk {
  /** Gives it so much room in all: what it holds stays. */
  resize(mebibytes: number): Promise<void>
  /** Takes it away, with all it holds. */
  unmount(): Promise<void>
}

export async function mountSmallDisk(path: string, mebibytes: number): Promise<SmallDisk> {
  await mkdir(path, { recursive: true })
  const mount = (options: string) => run('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', path])
  await mount(`size=${mebibytes}m`)
  return {
    resize: async (size) => void (await mount(`remount,size=${size}m`)),
    unmount: async () => void (await run('umount', ['--lazy', path])),
  }
}
