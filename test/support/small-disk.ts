import { execFile } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** A disk of its own for a folder, so small that it is soon full. */
export interface SmallDisk {
  /** For the daemon that is to meet it. */
  readonly environment: Readonly<Record<string, string>>
  /** Gives it so much room in all: what it holds stays. */
  resize(mebibytes: number): Promise<void>
  /** Takes it away, with all it holds. */
  unmount(): Promise<void>
}

/** A disk in memory, for every program; `undefined` where we may not mount one. */
export async function mountSmallDisk(path: string, mebibytes: number): Promise<SmallDisk | undefined> {
  await mkdir(path, { recursive: true })
  const mount = (options: string) => run('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', path])
  try {
    await mount(`size=${mebibytes}m`)
  } catch {
    return undefined
  }
  return {
    environment: {},
    resize: async (size) => void (await mount(`remount,size=${size}m`)),
    unmount: async () => void (await run('umount', ['--lazy', path])),
  }
}

const preload = fileURLToPath(new URL('short-disk.mjs', import.meta.url))

/** The same faults for one daemon, in its own calls: see `short-disk.mjs`. */
export async function pretendSmallDisk(path: string, mebibytes: number): Promise<SmallDisk> {
  await mkdir(path, { recursive: true })
  const bytesFile = `${path}.bytes`
  const resize = (size: number) => writeFile(bytesFile, String(size * 1024 * 1024))
  await resize(mebibytes)
  return {
    environment: {
      NODE_OPTIONS: `--import ${pathToFileURL(preload).href}`,
      BELAY_TEST_DISK: path,
      BELAY_TEST_DISK_BYTES: bytesFile,
    },
    resize,
    unmount: () => Promise.resolve(),
  }
}
