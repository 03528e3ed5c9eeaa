import type { Figures } from './benchmark.ts'

/** A figure that is to be reached. */
export interface Target {
  readonly key: string
  /** Where it stands in what was measured, if not where its key says. */
  readonly at?: readonly string[]
  readonly is: string
  readonly reach: { readonly atLeast: number } | { readonly atMost: number }
}

/** In the order of the page. A key is the way to a figure: `throughput.large.ratio`. */
export const targets: readonly Target[] = [
  { key: 'throughput.large.ratio', is: 'four lossless cameras, large network, ÷ ceiling', reach: { atLeast: 0.95 } },
  { key: 'throughput.small.ratio', is: 'the same, small network', reach: { atLeast: 0.9 } },
  { key: 'throughput.single.ratio', is: 'one lossless camera, large network, ÷ ceiling', reach: { atLeast: 0.92 } },
  {
    key: 'live.ratio',
    is: 'capture to row, p95, four cameras at 30 frames/s, small network, ÷ the network’s own time',
    reach: { atMost: 4 },
  },
  { key: 'scale.ratio', is: 'processor time a frame with 16 cameras ÷ with 1', reach: { atMost: 1.1 } },
  {
    key: 'overload.ratio',
    is: 'capture to row, p95, at 4 times the capacity ÷ at a quarter of it, large network',
    reach: { atMost: 2.5 },
  },
  {
    key: 'fairness.ratio',
    is: 'smallest ÷ largest share of inspected frames among 8 equal cameras at overload',
    reach: { atLeast: 0.9 },
  },
  {
    key: 'pipes.mainThread',
    is: 'share of a core that the main thread takes to read 100 pictures of 640x640 a second from its pipes',
    reach: { atMost: 0.2 },
  },
  {
    key: 'feed.cost',
    is: 'processor time a frame with no page attached ÷ with one that shows the previews of four cameras',
    reach: { atLeast: 0.98 },
  },
  {
    key: 'page.framesPerSecond',
    is: 'frames a second of the slowest view, 100 actors and 1,000 records a second, headless Chromium without a graphics processor',
    reach: { atLeast: 60 },
  },
  {
    key: 'page.mainThreadMsPerFrame',
    is: 'milliseconds of the page’s main thread for one frame of the costliest view, of 16.7',
    reach: { atMost: 16 },
  },
  {
    key: 'preview.cost',
    is: 'processor time a frame while no previews are asked for ÷ while those of four cameras are',
    reach: { atLeast: 0.95 },
  },
  {
    key: 'idle.cpu',
    is: 'share of a core that the daemon’s own process takes with 50 cameras in back-off',
    reach: { atMost: 0.02 },
  },
  {
    key: 'memory.totalMiB',
    is: 'resident memory of daemon and ffmpeg, four cameras, large network',
    reach: { atMost: 400 },
  },
  {
    key: 'memory.perCameraMiB',
    is: 'resident memory of the daemon that a camera adds, from 1 to 32, at 640x640',
    reach: { atMost: 8 },
  },
  { key: 'recovery.stallMs', is: 'until a stalled stream is noticed', reach: { atMost: 2500 } },
  {
    key: 'recovery.reconnectMs',
    is: 'until a lost stream streams again, from the first try after its server is back',
    reach: { atMost: 2000 },
  },
  {
    key: 'recovery.workerMs',
    is: 'until a thread that hangs is replaced, from when it is given up; a large model takes longer, by as long as it loads',
    reach: { atMost: 5000 },
  },
  {
    key: 'sftp.small',
    is: 'time for 1,000 files of 20 kB, whole protocol, ÷ OpenSSH’s `sftp`',
    reach: { atMost: 1 },
  },
  { key: 'sftp.large', is: 'the same, one file of 200 MB', reach: { atMost: 1.25 } },
  { key: 'sftp.rtt50', is: 'the same, 100 files of 20 kB, 50 ms there and back', reach: { atMost: 0.3 } },
  {
    key: 'sftp.memory',
    is: 'memory after 10,000 files more ÷ after 1,000, of what is resident and what is in use that which grew more',
    reach: { atMost: 1.2 },
  },
  {
    key: 'csv.rows',
    at: ['csv', 'csv.rows'],
    is: 'rows accepted a second ÷ fast-csv alone to a file without any sync',
    reach: { atLeast: 0.75 },
  },
  {
    key: 'manifest.enqueue',
    is: 'files taken in a second, 100 a commit ÷ one a commit',
    reach: { atLeast: 10 },
  },
  {
    key: 'supervision.startMs',
    at: ['supervision', 'results', 'machines, in order', 'startMs', 'median'],
    is: 'until 10,000 children have started',
    reach: { atMost: 500 },
  },
  {
    key: 'supervision.stopMs',
    at: ['supervision', 'results', 'machines, in order', 'stopMs', 'median'],
    is: 'until 10,000 children have stopped',
    reach: { atMost: 200 },
  },
]

/** The figure of a target, or the ratio of what stands there; `undefined` where it was not measured. */
export function figureOf({ key, at = key.split('.') }: Target, figures: Figures): number | undefined {
  let found: unknown = figures
  for (const part of at) found = (found as Record<string, unknown> | undefined)?.[part]
  if (typeof found === 'object' && found !== null && 'ratio' in found) found = found.ratio
  return typeof found === 'number' ? found : undefined
}

export const isReached = ({ reach }: Target, figure: number): boolean =>
  'atLeast' in reach ? figure >= reach.atLeast : figure <= reach.atMost
