/**
 * Rows a second that the CSV writer accepts, beside fast-csv alone to a file without any sync. Prints JSON.
 *
 *     node --import tsx bench/csv.ts FOLDER
 *
 * Both write the same rows, 100 a request, one after the other, several times. The writer is the daemon's: its queue, the disk
 * and the manifest of this machine, a commit every 50 ms, files of 10,000 rows that are sealed and entered in the manifest.
 */
import { format } from '@fast-csv/format'
import { createWriteStream } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createGzip } from 'node:zlib'
import { pipeline } from 'node:stream/promises'
import { NodeDisk } from '../src/adapters/disk/node-disk.ts'
import { openSqliteManifest } from '../src/adapters/manifest/open-manifest.ts'
import { systemClock } from '../src/adapters/system-clock.ts'
import { csvColumns, type CsvRequest, csvRequest } from '../src/domain/csv-row.ts'
import { cameraId } from '../src/domain/ids.ts'
import { defaultPriority } from '../src/domain/priority.ts'
import { epochMs, milliseconds, minutes, seconds } from '../src/domain/units.ts'
import { DiskWatch } from '../src/storage/disk-watch.ts'
import { RowQueue } from '../src/storage/row-queue.ts'
import { scanDataFolder } from '../src/storage/start-scan.ts'
import { writeRows } from '../src/storage/write-rows.ts'
import { median } from './figures.ts'

const rowsEach = 100
const requests = 3000
const repeats = 5

const folder = process.argv[2]
if (folder === undefined) throw new Error('Which folder? It is written to.')

const all: readonly CsvRequest[] = Array.from({ length: requests }, (_, frame) =>
  csvRequest(
    1,
    { cameraId: cameraId('dock-1'), epoch: 1, number: frame, capturedAt: epochMs(1_795_000_000_000 + frame * 40) },
    {
      kind: 'detect',
      model: 'particles',
      detections: Array.from({ length: rowsEach }, (__, index) => ({
        ...{ label: 'bright', score: (index + frame) / 4000, x: index * 6.3, y: frame / 7, width: 12.25, height: 14.5 },
      })),
    },
  ),
)

/** Rows a second. */
async function timed(work: () => Promise<void>): Promise<number> {
  const began = performance.now()
  await work()
  return (requests * rowsEach) / ((performance.now() - began) / 1000)
}

function fastCsvAlone(file: string): Promise<number> {
  return timed(async () => {
    const csv = format({ headers: [...csvColumns.model] })
    const written = pipeline(csv, createWriteStream(file))
    for (const { rows } of all) {
      for (const row of rows) if (!csv.write(row)) await new Promise((resolve) => csv.once('drain', resolve))
    }
    csv.end()
    await written
  })
}

async function writer(data: string): Promise<number> {
  await mkdir(data)
  const manifest = await openSqliteManifest(data)
  const boot = await manifest.beginBoot(systemClock.now())
  const queue = new RowQueue()
  const finish = new AbortController()
  const { signal } = new AbortController()
  const common = {
    disk: new NodeDisk(data),
    manifest,
    clock: systemClock,
    queue,
    signal,
    pack: undefined,
    gzip: createGzip,
    priorityOf: () => defaultPriority,
  }
  const { unread } = await scanDataFolder(common)
  const running = writeRows({
    ...common,
    unread,
    boot,
    random: Math.random,
    rotation: { everyRequest: false, rows: 10_000, bytes: 10_000_000, interval: seconds(60) },
    commitEvery: milliseconds(50),
    watch: new DiskWatch({ warnBelow: 0, pauseBelow: 0 }, systemClock),
    reserveBytes: 0,
    retry: { initial: seconds(1), factor: 2, max: minutes(1), jitter: 0 },
    finish: finish.signal,
  })
  const ended = (async () => {
    while ((await running.next()).done !== true);
  })()
  const accepted = new Promise<void>((resolve) => {
    queue.onAccepted = () => {
      if (queue.requests.written === requests) resolve()
    }
  })
  const rate = await timed(async () => {
    for (const request of all) {
      await queue.room(request, signal)
      if (!queue.append(request)) throw new Error('The queue had no room after all')
    }
    await accepted
  })
  finish.abort()
  await ended
  await manifest.close()
  return rate
}

const rounds: { readonly alone: number; readonly accepted: number }[] = []
for (let round = 0; round <= repeats; round++) {
  const alone = await fastCsvAlone(join(folder, `alone-${round}.csv`))
  const accepted = await writer(join(folder, `data-${round}`))
  // The first one warms up.
  if (round > 0) rounds.push({ alone, accepted })
}
console.log(
  JSON.stringify({
    of: { rowsEach, requests, repeats, commitEveryMs: 50, rowsAFile: 10_000 },
    'csv.rows': median(rounds.map(({ alone, accepted }) => accepted / alone)),
    acceptedRowsPerSecond: median(rounds.map(({ accepted }) => accepted)),
    fastCsvAloneRowsPerSecond: median(rounds.map(({ alone }) => alone)),
  }),
)
