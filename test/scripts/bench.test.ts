import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { benchmarkLine } from '../../bench/ffmpeg-alone.ts'
import { median, medians, rounded } from '../../bench/figures.ts'
import { otpRoundsIn } from '../../bench/otp.ts'
import { statTimes } from '../../bench/process-cpu.ts'
import { busyOf } from '../../bench/machine-cpu.ts'
import { writeNetwork } from '../../bench/networks.ts'
import { overload } from '../../bench/overload.ts'
import { type Family, renderPerformance } from '../../bench/performance-page.ts'
import { between, type Look } from '../../bench/watch.ts'
import type { CameraView } from '../../src/inspection-feed/protocol.ts'
import { loadModel } from '../../src/workers/inference/load-model.ts'

describe('the figures of several runs', () => {
  it.each([
    { values: [7], middle: 7 },
    { values: [30, 2, 10], middle: 10 },
    { values: [4, 1, 3, 2], middle: 2 },
  ])('have $middle in the middle of $values', ({ values, middle }) => {
    expect(median(values)).toBe(middle)
  })

  it('have no middle where there are none', () => {
    expect(() => median([])).toThrow('Nothing has no median')
  })

  it('have the median of each number, wherever it stands', () => {
    const runs = [
      { ratio: 3, of: { daemon: 1 } },
      { ratio: 1, of: { daemon: 2 } },
      { ratio: 2, of: { daemon: 9 } },
    ]
    expect(medians(runs)).toEqual({ ratio: 2, of: { daemon: 2 } })
  })

  it('are rounded to four digits, and integers are left', () => {
    expect(rounded({ ratio: 0.123456, ratios: [12345.6], frames: 123456, of: { name: 'belt' } })).toEqual({
      ratio: 0.1235,
      ratios: [12350],
      frames: 123456,
      of: { name: 'belt' },
    })
  })
})

describe('a daemon that was looked at twice', () => {
  const cpu = (mainThread: number, otherThreads: number, children: number) => ({ mainThread, otherThreads, children })
  const cameras = (...inspected: number[]) =>
    inspected.map((count) => ({
      frames: { inspected: count },
      latencyMs: { p50: 1, p95: count },
    })) as unknown as CameraView[]
  const first: Look = { at: 10, cameras: cameras(20, 30), cpu: cpu(6, 2, 1), machineCpu: 100 }
  const last: Look = { at: 20, cameras: cameras(60, 90), cpu: cpu(7, 7, 3), machineCpu: 114 }

  it('has done what came between', () => {
    const watched = between(first, last, 2)
    expect(watched.framesPerSecond).toBe(10)
    expect(watched.inspected).toEqual([40, 60])
    expect(watched.cpuSecondsPerFrame).toBeCloseTo(0.08, 9)
    expect(watched.cpuSecondsPerFrameOf).toEqual(cpu(0.01, 0.05, 0.02))
    expect(watched.p95Ms).toEqual([60, 90])
  })

  it('had the cores that nobody else took: 14 s of work in 10 s, 8 of them its own', () => {
    expect(between(first, last, 2).cores).toBeCloseTo(1.4, 9)
  })

  it('had all cores where the clocks say that others took less than nothing', () => {
    expect(between(first, { ...last, machineCpu: 107.9 }, 2).cores).toBe(2)
  })

  it('has no figures when nothing was inspected', () => {
    expect(() => between(first, { ...first, at: 12 }, 2)).toThrow('No frame was inspected in 2.0 s')
  })
})

describe('the page of figures', () => {
  const family: Family = {
    machine: { cpu: 'X1', cores: 2, memoryMiB: 4096, linux: '6.1', node: 'v20', ffmpeg: '5.1', onnxruntime: '1.30' },
    loadAverage: { before: 0.5, after: 2 },
    repeats: 3,
    seconds: 10,
    figures: { live: { ratio: 4 }, scale: { ratio: 1.101 }, throughput: { large: { ratio: 0.95 } } },
  }

  it('says of each figure whether it is reached, and of none that it was when it was not measured', () => {
    const lines = renderPerformance({ some: family }).split('\n')
    const verdict = (key: string) =>
      lines
        .find((line) => line.startsWith(`| \`${key}\``))
        ?.split(' | ')
        .slice(2)
    expect(verdict('live.ratio')).toEqual(['≤ 4', '4', 'reached |'])
    expect(verdict('scale.ratio')).toEqual(['≤ 1.1', '1.101', '**not reached** |'])
    expect(verdict('throughput.large.ratio')).toEqual(['≥ 0.95', '0.95', 'reached |'])
    expect(verdict('feed.cost')).toEqual(['≥ 0.98', '–', ' |'])
  })

  it('is committed as it is made now of the figures that are', async () => {
    const docs = new URL('../../docs/', import.meta.url)
    const read = (name: string) => readFile(new URL(name, docs), 'utf8')
    const families = JSON.parse(await read('performance.json')) as Record<string, Family>
    const [made] = (await read('performance.md')).split('\n<!-- Written by hand')
    expect(made).toBe(renderPerformance(families))
  })

  it('names the machine and its load', () => {
    expect(renderPerformance({ some: family })).toContain(
      '| some | X1, 2 cores, 4096 MiB, Linux 6.1, Node v20, ffmpeg 5.1, ONNX Runtime 1.30 | 0.5, 2 | 3 | 10 |',
    )
  })
})

describe('cameras that send four times what can be done', () => {
  it.each([
    { capacity: 20, cameras: 4, fps: 20 },
    { capacity: 30, cameras: 4, fps: 30 },
    { capacity: 45, cameras: 6, fps: 30 },
    { capacity: 46, cameras: 7, fps: 184 / 7 },
  ])('are $cameras where $capacity frames a second can be done', ({ capacity, cameras, fps }) => {
    expect(overload(capacity, 30, 4)).toEqual({ cameras, fps })
  })
})

describe('the generated networks', () => {
  it.each([
    { name: 'small', side: 320, gigaflop: 1 },
    { name: 'large', side: 640, gigaflop: 8 },
  ] as const)(
    'of which the $name one computes about $gigaflop GFLOP, and is a detector',
    async ({ name, side, gigaflop }) => {
      const folder = await mkdtemp(join(tmpdir(), 'belay-bench-test-'))
      onTestFinished(() => rm(folder, { recursive: true }))
      const network = await writeNetwork(folder, name)
      expect(Math.abs(network.gigaflop / gigaflop - 1)).toBeLessThan(0.05)
      const { facts } = await loadModel({ ...network, labels: undefined, layout: 'auto' })
      expect(facts).toMatchObject({ input: { width: side, height: side }, layout: 'v8', labels: ['one', 'other'] })
    },
  )
})

describe('what the system says of processor time', () => {
  it('is all but idle and waiting, of all cores', () => {
    expect(busyOf('cpu  100 20 300 9999 8888 5 6 7 0 0\ncpu0 1 1 1 1 1 1 1 1 0 0\n')).toBe(4.38)
    expect(() => busyOf('intr 1')).toThrow('Not /proc/stat: intr 1')
  })

  it('is read past a name that holds anything', () => {
    const line = '42 (node) R (x 1) S 1 42 42 0 -1 4194560 9 9 0 0 150 50 30 20 20 0 11 0 123 456 789'
    expect(statTimes(line)).toEqual({ own: 2, ended: 0.5 })
  })

  it('is refused where the line is cut short', () => {
    expect(() => statTimes('42 (node) S 1 42 42 0')).toThrow('Not a line of /proc/PID/stat')
  })

  it("is taken from ffmpeg's own account of its work", () => {
    const text = 'frame=  240 fps= 86\nbench: utime=1.313s stime=0.007s rtime=2.794s\nbench: maxrss=51200kB\n'
    const { cpuSeconds, seconds } = benchmarkLine(text)
    expect(cpuSeconds).toBeCloseTo(1.32, 9)
    expect(seconds).toBe(2.794)
  })

  it('is missed where ffmpeg has failed', () => {
    expect(() => benchmarkLine('belt.mp4: No such file or directory')).toThrow(
      'ffmpeg gave no times; it said:\nbelt.mp4: No such file or directory',
    )
  })
})

describe('what the OTP run has printed', () => {
  const line = (name: string, startMs: number) =>
    JSON.stringify({ case: name, startMs, stopMs: 2, startCpuMs: 3, stopCpuMs: 4, otp: '25' })
  const round = (startMs: number) =>
    expect.objectContaining({ startMs, stopMs: 2, startCpuMs: 3, stopCpuMs: 4 }) as object

  it('is taken round by round', () => {
    const text = [
      line('in order', 1),
      line('side by side', 5),
      line('in order', 7),
      line('slow to stop, side by side', 9),
    ]
    expect(otpRoundsIn(`${text.join('\n')}\n`)).toEqual({
      release: '25',
      inOrder: [round(1), round(7)],
      sideBySide: [round(5)],
      slowToStop: round(9),
    })
  })

  it('is refused when it was cut short', () => {
    expect(() => otpRoundsIn(line('in order', 1))).toThrow('The OTP run has not come to its end')
  })
})
