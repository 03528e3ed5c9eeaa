import { z } from 'zod'
import { executionProviders } from '../domain/execution-provider.ts'
import { cameraSchema } from './camera-schema.ts'
import { modelsSchema } from './model-schema.ts'
import { byteSize, choice, duration, flag, hostName, path, secretFile, secretVariable, wholeNumber } from './scalars.ts'
import { section } from './section.ts'
import { sftpSchema } from './sftp-schema.ts'

const workersOrAuto = () => {
  const expected = 'auto, or a whole number from 1 to 256'
  return z.union([z.literal('auto'), wholeNumber(1, 256, expected)], { error: expected }).default('auto')
}

const inference = section({
  workers: workersOrAuto().describe('Threads that run the models; `auto`: one a core.'),
  providers: z
    .array(choice(executionProviders), { error: `a list of ${executionProviders.join(', ')}` })
    .default(['cpu'])
    .describe('Where the models run, tried in this order; `cpu` is always the last. The others want their own libraries.'),
  deadline: duration({ min: '10ms' })
    .prefault('2s')
    .describe('For one frame in all its models; a frame that takes longer is failed and its thread replaced.'),
  wedgedLimit: workersOrAuto().describe(
    'When this many threads hang at once the daemon drains and ends itself; `auto`: as many as `workers`.',
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
  queue: wholeNumber(1, 100_000)
    .default(200)
    .describe('Requests (one frame, one model) that may wait for the writer; a full queue refuses and counts.'),
})

const http = section({
  host: hostName().default('127.0.0.1').describe('Address to listen on; another than loopback needs a token.'),
  port: wholeNumber(0, 65_535).default(5000).describe('TCP port; 0: any free one.'),
  tokenFile: secretFile().optional().describe('File that holds the token that requests must carry, on one line.'),
  tokenEnv: secretVariable().optional().describe('Environment variable that holds the token.'),
})

const log = section({
  level: choice(['debug', 'info', 'warn', 'error']).default('info').describe('The least that is worth a line.'),
  format: choice(['auto', 'human', 'json']).default('auto').describe('`auto`: human on a terminal, JSON otherwise.'),
})

const stop = section({
  budget: duration().prefault('60s').describe('For the whole stop.'),
  cameras: duration().prefault('5s').describe('For the cameras to end.'),
  inference: duration().prefault('10s').describe('For the frames that wait or run.'),
  csvWriter: duration().prefault('10s').describe('For the rows that wait, and to seal the files.'),
  uploader: duration().prefault('15s').describe('For the files that are due.'),
  others: duration().prefault('5s').describe('For the page, the manifest and the log, each.'),
  afterSecondSignal: duration().prefault('5s').describe('For everything that remains when a second signal comes.'),
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
  sftp: sftpSchema.describe('Where files are delivered.'),
  http: http.prefault({}).describe('Health, statistics and the page.'),
  log: log.prefault({}).describe('What is logged, and how.'),
  stop: stop
    .prefault({})
    .describe('How long a stop may take. What is not done by then is on disk and goes on at the next start.'),
})

/** What the schema makes of a file: defaults filled in, units parsed; references and secrets not looked at yet. */
export type ConfigDocument = z.output<typeof configSchema>
