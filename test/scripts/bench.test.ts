import { describe, expect, it } from 'vitest'
import { benchmarkLine } from '../../bench/ffmpeg-alone.ts'
import { median, rounded } from '../../bench/figures.ts'
import { otpRoundsIn } from '../../bench/otp.ts'
import { statTimes } from '../../bench/process-cpu.ts'
import { type Look, paceOf } from '../../bench/progress.ts'

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

  it('are rounded to four digits, and integers are left', () => {
    expect(rounded({ ratio: 0.123456, ratios: [12345.6], frames: 123456, of: { name: 'belt' } })).toEqual({
      ratio: 0.1235,
      ratios: [12350],
      frames: 123456,
      of: { name: 'belt' },
    })
  })
})

describe('a daemon that was looked at while it ran', () => {
  const cpu = (mainThread: number, otherThreads: number, children: number) => ({ mainThread, otherThreads, children })
  const looks: Look[] = [
    { at: 900, inspected: 0, cpu: cpu(5, 1, 0) },
    { at: 2000, inspected: 20, cpu: cpu(6, 2, 1) },
    { at: 5000, inspected: 80, cpu: cpu(6.6, 5, 2.2) },
    { at: 9000, inspected: 100, cpu: cpu(6.8, 6, 2.6) },
  ]

  it('has its pace up to its last frame, not up to the look that found it done', () => {
    // 80 frames in 4 s are 50 ms a frame: the last 20 took 1 s, from 5 s to 6 s.
    expect(paceOf(1000, looks).framesPerSecond).toBeCloseTo(20, 9)
  })

  it('was done at the last look, however slow it had been before', () => {
    const [start, , , end] = looks as [Look, Look, Look, Look]
    // One frame in 1 s, and 99 more in the 7 s after it.
    expect(paceOf(1000, [start, { ...start, at: 2000, inspected: 1 }, end]).framesPerSecond).toBeCloseTo(100 / 8, 9)
  })

  it("counts processor time from the first look that saw a frame, each thread's apart", () => {
    const pace = paceOf(1000, looks)
    expect(pace.cpuSecondsPerFrameOf.mainThread).toBeCloseTo(0.01, 9)
    expect(pace.cpuSecondsPerFrameOf.otherThreads).toBeCloseTo(0.05, 9)
    expect(pace.cpuSecondsPerFrameOf.children).toBeCloseTo(0.02, 9)
    expect(pace.cpuSecondsPerFrame).toBeCloseTo(0.08, 9)
  })

  it('has no pace when all was over at the first look that saw a frame', () => {
    expect(() => paceOf(1000, [looks[0], looks[3]] as Look[])).toThrow('The clip is too short')
  })
})

describe('what the system says of processor time', () => {
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
