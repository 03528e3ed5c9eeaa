import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const root = new URL('../../', import.meta.url)
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8')

/** The rows of the page, by what they are about. */
const bounds = new Map(
  read('docs/limits.md')
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) => line.split(' | ').map((cell) => cell.replace(/^\| | \|$/g, '')))
    .map(([what = '', ...cells]) => [what, cells.join(' | ')] as const),
)

/** As the page writes it: `4,096`, `15 s`, `1 min`. */
function written(value: string): string {
  const [, unit, amount = ''] = /^(seconds|minutes|milliseconds)\((.*)\)$/.exec(value) ?? [undefined, '', value]
  const number = Number(amount.replaceAll('_', ''))
  if (Number.isNaN(number)) throw new Error(`${value} is no plain number`)
  switch (unit) {
    case 'seconds':
      return `${number} s`
    case 'minutes':
      return `${number} min`
    case 'milliseconds':
      return `${number / 1000} s`
    default:
      return number.toLocaleString('en')
  }
}

describe('the page of limits', () => {
  it.each([
    { what: 'frames that wait for a worker', file: 'frame-path/camera-lane.ts', constant: 'mostWaiting' },
    {
      what: 'answers that wait for an earlier one of the same camera',
      file: 'frame-path/lane-order.ts',
      constant: 'mostUnsettled',
    },
    { what: 'latencies kept', file: 'frame-path/latency-window.ts', constant: 'samples' },
    {
      what: 'decode errors without a good picture between them',
      file: 'actors/frame-watch.ts',
      constant: 'decodeErrorLimit',
    },
    {
      what: 'redirects, of a download or of an RTSP server',
      file: 'adapters/video/http-redirect.ts',
      constant: 'mostRedirects',
    },
    {
      what: 'time for a fresh thread to load in the place of another',
      file: 'frame-path/worker-starts.ts',
      constant: 'leastLimit',
    },
    {
      what: 'files of one camera and folder that wait to be sealed',
      file: 'storage/csv-series.ts',
      constant: 'unsealedBound',
    },
    { what: 'tries of an append to one file', file: 'storage/csv-series.ts', constant: 'triesPerFile' },
    { what: "looks at the disk's room", file: 'storage/disk-watch.ts', constant: 'betweenLooks' },
    { what: 'a call to the disk', file: 'storage/csv-writer.ts', constant: 'answersWithin' },
    { what: 'files claimed at a time', file: 'slots/uploader-slot.ts', constant: 'claimWindow' },
    { what: 'local files that are deleted together', file: 'delivery/remove-delivered.ts', constant: 'batch' },
    { what: 'one line of ffmpeg’s words', file: 'adapters/video/line-splitter.ts', constant: 'longestLine' },
    { what: 'its last complaints', file: 'adapters/video/ffmpeg-stream.ts', constant: 'wordsKept' },
    { what: 'time for ffmpeg to end after SIGTERM', file: 'adapters/video/child-program.ts', constant: 'patience' },
    { what: 'side of a model’s input', file: 'workers/inference/model-input.ts', constant: 'longestSide' },
    {
      what: 'candidates of a detector that suppression compares',
      file: 'workers/inference/suppression.ts',
      constant: 'mostCandidates',
    },
    { what: 'detections of a model in a frame', file: 'domain/detection-rows.ts', constant: 'mostDetections' },
    {
      what: 'preprocessing graphs kept in a thread',
      file: 'workers/inference/preprocessor.ts',
      constant: 'maxSessions',
    },
    { what: 'lines of text that are read in a frame', file: 'domain/text-lines.ts', constant: 'mostLines' },
    {
      what: 'calls in one transaction of the manifest',
      file: 'adapters/manifest/commit-queue.ts',
      constant: 'jobsPerCommit',
    },
    {
      what: 'words about frames that a model fails on, and about results at the bound',
      file: 'logging/now-and-then.ts',
      constant: 'pause',
    },
    {
      what: 'why a provider could not be had',
      file: 'domain/execution-provider.ts',
      constant: 'longestReason',
    },
    { what: 'samples for the forecast of the disk', file: 'storage/disk-watch.ts', constant: 'samplesKept' },
    { what: 'records in one message of a feed', file: 'inspection-feed/feed.ts', constant: 'recordsAtOnce' },
    { what: 'actors of which a picture is kept', file: 'inspection-feed/actor-pictures.ts', constant: 'pictureLimit' },
    { what: 'messages to systemd that wait', file: 'adapters/systemd.ts', constant: 'mostWaiting' },
  ])('has of $what the bound that is in the code', ({ what, file, constant }) => {
    const [, value] = new RegExp(`^(?:export )?const ${constant} = (.+)$`, 'm').exec(read(`src/${file}`)) ?? []
    if (value === undefined) throw new Error(`There is no ${constant} in ${file}`)
    expect(bounds.get(what.replaceAll('’', "'"))).toMatch(new RegExp(`(^|[^\\d,])${written(value)}(?![\\d,]*\\d)`))
  })
})
