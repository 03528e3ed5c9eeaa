import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** A disk of its own for a folder, so small that it is soon full. */
export interface SmallDisk {
  /** For the daemon that is to meet it. */
  readonly environment: Readonly<Record<string, string>>
  /** Words in front of a program that is to see it; none where every program does. */
  readonly inside: readonly string[]
  /** Gives it so much room in all: what it holds stays. */
  resize(mebibytes: number): Promise<void>
  /** Afterwards this process sees what it holds, and no other may use it any more. */
  show(): Promise<void>
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
    inside: [],
    show: () => Promise.resolve(),
    resize: async (size) => void (await mount(`remount,size=${size}m`)),
    unmount: async () => void (await run('umount', ['--lazy', path])),
  }
}

/**
 * The same in namespaces of its own, for whoever may not mount one but may have these; `undefined` where they are refused. Only
 * what runs `inside` sees it.
 */
export async function ownSmallDisk(path: string, mebibytes: number): Promise<SmallDisk | undefined> {
  await mkdir(path, { recursive: true })
  const script = 'mount -t tmpfs -o "size=$1m" tmpfs "$0" && echo there && exec cat'
  const keeper = spawn('unshare', ['--map-root-user', '--mount', 'sh', '-c', script, path, String(mebibytes)], {
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  const over = new Promise<false>((resolve) =>
    keeper.on('error', () => resolve(false)).on('close', () => resolve(false)),
  )
  if (!(await Promise.race([once(keeper.stdout, 'data'), over]))) return undefined
  const inside = ['nsenter', `--target=${keeper.pid}`, '--user', '--mount', '--preserve-credentials']
  const runInside = (...words: string[]) => run('nsenter', [...inside.slice(1), ...words])
  const unmount = async () => {
    keeper.stdin.end()
    await over
  }
  return {
    environment: {},
    inside,
    resize: async (size) =>
      void (await runInside('mount', '--options-mode=ignore', '-o', `remount,size=${size}m`, path)),
    unmount,
    show: async () => {
      await runInside('cp', '--archive', path, `${path}.shown`)
      await unmount()
      await rm(path, { recursive: true })
      await rename(`${path}.shown`, path)
    },
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
    inside: [],
    show: () => Promise.resolve(),
    resize,
    unmount: () => Promise.resolve(),
  }
}
