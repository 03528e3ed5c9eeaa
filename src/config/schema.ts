import { z } from 'zod'
import { commandTypes } from '../domain/command-type.ts'
import { executionProviders } from '../domain/execution-provider.ts'
import { cameraSchema } from './camera-schema.ts'
import { modelsSchema } from './model-schema.ts'
import { byteSize, choice, duration, flag, hostName, path, tokenHash, wholeNumber } from './scalars.ts'
import { section } from './section.ts'
import { sftpSchema } from './sftp-schema.ts'

const workersOrAuto = () => {
  const expected = 'auto, or a whole number from 1 to 256'
  return z.union([z.literal('auto'), wholeNumber(1, 256, expected)], { error: expected }).default('auto')
}

const inference = section({
  workers: workersOrAuto().describe(
    'Threads that run the models; `auto`: one for each core that the process may use, by its affinity and its quota (`CPUQuota`, `docker --cpus`). Each holds all models: about 65 MiB with one of 8 GFLOP at 640x640. Fewer give younger rows, and fewer of them, where decoders take the cores.',
  ),
  providers: z
    .array(choice(executionProviders), { error: `a list of ${executionProviders.join(', ')}` })
    .default(['cpu'])
    .describe(
      'Where the models run, tried in this order; `cpu` is always the last. The others want their own libraries.',
    ),
  deadline: duration({ min: '10ms' })
    .prefault('2s')
    .describe('For one frame in all its models; a frame that takes longer is failed and its thread replaced.'),
  wedgedLimit: workersOrAuto().describe(
    'When this many threads hang at once the daemon drains and ends itself; `auto`: as many as `workers`, and 2 at least.',
  ),
})

const csv = section({
  rotation: section({
    everyRequest: flag().default(false).describe('A file for each frame and model.'),
    rows: wholeNumber(1, 100_000_000)
      .default(10_000)
      .describe('A file with so many rows is full; what its last frame brings may go over.'),
    bytes: byteSize({ min: 1000 })
      .prefault('10MB')
      .describe('A file of this size is full; what its last frame brings may go over.'),
    interval: duration({ min: '100ms' }).prefault('60s').describe('A file is sealed this long after it was begun.'),
  })
    .prefault({})
    .describe('What ends a file and hands it to the uploader: whichever comes first.'),
  commitEvery: duration({ min: '0ms' })
    .prefault('50ms')
    .describe('Rows are made safe on disk together this often; `0ms`: each time that rows are there.'),
  pack: section({
    as: choice(['none', 'gzip', 'tar'])
      .default('none')
      .describe('`gzip`: each file as NAME.csv.gz. `tar`: many of one camera and folder as one NAME.tar.gz.'),
    files: wholeNumber(2, 10_000).default(100).describe('So many files go into one archive; `tar` only.'),
    interval: duration({ min: '1s' })
      .prefault('5m')
      .describe('What has come together after so long goes into an archive all the same; `tar` only.'),
  })
    .prefault({})
    .describe('What sealed files are packed into before they are sent.'),
  queue: wholeNumber(1, 100_000)
    .default(200)
    .describe('Requests (one frame, one model) that may wait for the writer; a full queue refuses and counts.'),
})

const disk = section({
  warnBelow: byteSize({ min: 0 })
    .prefault('1GB')
    .describe('With less room than this on the data folder’s disk, the log and the page warn.'),
  pauseBelow: byteSize({ min: 0 })
    .prefault('100MB')
    .describe(
      'With less room than this no rows are written, until there is a tenth more than this. What `reserve` still takes is not counted as room.',
    ),
  reserve: byteSize({ min: 0 })
    .prefault('4MB')
    .describe(
      'Room that is set aside, to seal and to stop with when the disk is full all the same. Of any size: rows want `pauseBelow` beside it. `0B`: none, and what was set aside before is removed.',
    ),
})

const backups = section({
  keep: wholeNumber(0, 100).default(3).describe('So many are kept; 0: none is made.'),
})

const http = section({
  host: hostName().default('127.0.0.1').describe('Address to listen on; another than loopback needs a token’s hash.'),
  port: wholeNumber(0, 65_535).default(5000).describe('TCP port; 0: any free one.'),
  viewTokenHash: tokenHash()
    .optional()
    .describe(
      'Hash of the token that lets somebody look, as `belay token` makes it. Where there is a hash, every request but `/healthz` needs a token.',
    ),
  operateTokenHash: tokenHash()
    .optional()
    .describe(
      'Hash of the token that lets somebody look and operate: pause, resume and restart cameras, send files again, stop the daemon.',
    ),
  inspectCommands: z
    .array(choice(commandTypes), { error: `a list of ${commandTypes.join(', ')}` })
    .default([])
    .describe(
      'Commands that a receiver of @xstate/inspect may send to `/inspect`, with the operating token; none by default.',
    ),
})

const log = section({
  level: choice(['debug', 'info', 'warn', 'error']).default('info').describe('The least that is worth a line.'),
  format: choice(['auto', 'human', 'json']).default('auto').describe('`auto`: human on a terminal, JSON otherwise.'),
})

const memoryExpected = 'auto, or a size from 100MB to 1000GB, such as 2GiB'
const process = section({
  memory: z
    .union([z.literal('auto'), byteSize({ min: 100_000_000 })], { error: memoryExpected })
    .prefault('auto')
    .describe(
      'Memory that the process is meant to use at most: beyond it, the log says what has grown. `auto`: three quarters of what the system allows.',
    ),
})

const stop = section({
  budget: duration().prefault('60s').describe('For the whole stop.'),
  hardCap: duration()
    .prefault('60s')
    .describe(
      'For the whole stop while files are still sealed, packed or delivered: each gives its slot its time again. Less than `budget` counts as `budget`.',
    ),
  cameras: duration().prefault('5s').describe('For the cameras to end.'),
  inference: duration().prefault('10s').describe('For the frames that wait or run.'),
  csvWriter: duration().prefault('10s').describe('For the rows that wait, and to seal the files.'),
  uploader: duration().prefault('15s').describe('For the files that are due.'),
  others: duration().prefault('5s').describe('For the page, the manifest and the log, each.'),
  afterSecondSignal: duration()
    .prefault('5s')
    .describe(
      'For everything that remains when a second signal comes; threads that still compute have 1 s all the same.',
    ),
})

/** The YAML file. The one source of the checks, of config/belay.schema.json and of docs/configuration.md. */
export const configSchema = section({
  data: path()
    .default('./belay-data')
    .describe('Folder for CSV files, the manifest and caches. Relative paths begin at this file’s folder.'),
  cameras: z
    .array(cameraSchema, { error: 'a list of one or more cameras' })
    .min(1, { error: 'a list of one or more cameras' })
    .describe('The cameras.'),
  models: modelsSchema.describe('The models that cameras name.'),
  inference: inference.prefault({}).describe('How models are run.'),
  csv: csv.prefault({}).describe('How results are written.'),
  disk: disk.prefault({}).describe('Room on the data folder’s disk.'),
  backups: backups
    .prefault({})
    .describe('Copies of the manifest and of open files, made at each start in `backups` below the data folder.'),
  sftp: sftpSchema.describe('Where files are delivered.'),
  http: http.prefault({}).describe('Health, statistics and the page.'),
  log: log.prefault({}).describe('What is logged, and how.'),
  process: process.prefault({}).describe('What the process may use.'),
  stop: stop
    .prefault({})
    .describe('How long a stop may take. What is not done by then is on disk and goes on at the next start.'),
})

/** What the schema makes of a file: defaults filled in, units parsed; references and secrets not looked at yet. */
export type ConfigDocument = z.output<typeof configSchema>
