import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createGzip } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { NodeDisk } from '../../../src/adapters/disk/node-disk.ts'
import type { DiskFile } from '../../../src/ports/disk.ts'
import { milliseconds } from '../../../src/domain/units.ts'
import { DiskWatch } from '../../../src/storage/disk-watch.ts'
import { RowQueue } from '../../../src/storage/row-queue.ts'
import { scanDataFolder } from '../../../src/storage/start-scan.ts'
import { writeRows } from '../../../src/storage/write-rows.ts'
import { MemoryManifest } from '../../fakes/memory-manifest.ts'
import { VirtualClock } from '../../fakes/virtual-clock.ts'
import { fileName, header, line, never, request, retry } from '../../storage/support/writing.ts'

let root: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'belay-writing-'))
})
afterEach(() => rm(root, { recursive: true }))

describe('the writer on the disk of the machine', () => {
  it('leaves sealed files that hold what was accepted, after a crash of its own as well', async () => {
    const [disk, manifest, clock, queue] = [
      new NodeDisk(root),
      new MemoryManifest(),
      new VirtualClock(),
      new RowQueue(),
    ]
    const options = {
      ...{
        disk,
        manifest,
        clock,
        queue,
        boot: 1,
        retry,
        priorityOf: () => 5,
        random: () => 0,
        commitEvery: milliseconds(0),
      },
      rotation: { ...never, rows: 40 },
      watch: new DiskWatch({ warnBelow: 0, pauseBelow: 0 }, clock),
      reserveBytes: 100_000,
      pack: undefined,
      gzip: createGzip,
    }
    const finish = new AbortController()
    const start = async (from: NodeDisk): Promise<unknown> => {
      const { signal } = new AbortController()
      const { unread } = await scanDataFolder({ ...options, signal })
      const running = writeRows({ ...options, unread, disk: from, signal, finish: finish.signal })
      for (;;) {
        const next = await running.next()
        if (next.done === true) return next.value
      }
    }
    const failing = start(failingAtSync(disk, 3))
    const frames = Array.from({ length: 60 }, (_, frame) => frame)
    await until(() => queue.append(request(-1)))
    for (const frame of frames) expect(queue.append(request(frame))).toBe(true)
    await expect(failing).rejects.toEqual(new Error('a bug'))
    expect(queue.requests.waiting).toBeGreaterThan(0)
    const second = start(disk)
    await until(() => queue.requests.waiting === 0)
    finish.abort()
    expect(await second).toEqual({ drained: true })

    const paths = (await readdir(root, { recursive: true })).filter((path) => path.includes('.csv'))
    expect(paths.filter((path) => dirname(path) !== 'dock-1/model')).toEqual([])
    const rows: string[] = []
    for (const path of paths.sort()) {
      const content = await readFile(join(root, path), 'utf8')
      expect(content.startsWith(header)).toBe(true)
      rows.push(...content.slice(header.length).split(/(?<=\n)/))
      expect(manifest.file(path)?.sha256).toBe(createHash('sha256').update(content).digest('hex'))
    }
    expect(rows.sort()).toEqual([-1, ...frames].map((frame) => line(frame)).sort())
  })
})

describe('the start scan on the disk of the machine', () => {
  it('seals the files of the others where something else stands in the place of a camera’s folder', async () => {
    await mkdir(join(root, 'open'))
    await mkdir(join(root, 'dock-3'))
    await writeFile(join(root, 'dock-1'), 'a file')
    await writeFile(join(root, 'dock-3/model'), 'a file')
    const cameras = ['dock-1', 'dock-2', 'dock-3']
    const names = cameras.map((camera) => fileName(1, camera))
    for (const [index, camera] of cameras.entries()) {
      await writeFile(join(root, `open/${names[index]}.open`), header + line(1, 1, camera))
    }
    const report = await scanDataFolder({
      ...{ disk: new NodeDisk(root), manifest: new MemoryManifest(), clock: new VirtualClock(), queue: new RowQueue() },
      ...{ pack: undefined, priorityOf: () => 5, signal: new AbortController().signal },
    })
    expect(report.mended.map(({ path }) => path)).toEqual([`dock-2/model/${names[1]}`])
    expect(report.unread.map(({ path }) => path)).toEqual([
      `open/${names[0]}.open`,
      `open/${names[2]}.open`,
      'dock-3/model',
    ])
  })
})

/** The same disk; the `count`th sync of file contents ends in a bug instead. */
function failingAtSync(disk: NodeDisk, count: number): NodeDisk {
  let left = count
  const failing = new NodeDisk(disk.root)
  failing.create = async (path): Promise<DiskFile> => {
    const file = await disk.create(path)
    const datasync = file.datasync.bind(file)
    file.datasync = async () => {
      if (--left === 0) throw new Error('a bug')
      await datasync()
    }
    return file
  }
  return failing
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve))
}
