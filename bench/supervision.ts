/**
 * 10,000 children of one supervisor: how long they take to start and to stop, beside Erlang/OTP's own supervisor where `escript`
 * is on the PATH. And a group of 100 that each need a second to stop. Prints JSON.
 *
 *     node --import tsx bench/supervision.ts
 */
import { createActor, fromTransition, setup } from 'xstate'
import { createSupervisor, run, type Runnable, type SupervisorClock } from '../src/supervision/index.ts'
import { medianOf, rounded } from './figures.ts'
import { otpRounds, type Round } from './otp.ts'

const count = 10_000
const rounds = 7
const slow = { count: 100, stopMs: 1000 }

const clock: SupervisorClock = {
  monotonic: () => performance.now(),
  setTimeout: (callback, delay) => setTimeout(callback, delay),
  clearTimeout: (handle) => clearTimeout(handle as NodeJS.Timeout),
}

const machine = setup({}).createMachine({
  initial: 'working',
  states: { working: { tags: 'ready', on: { drain: 'drained' } }, drained: { type: 'final' } },
})
const slowMachine = setup({ delays: { drainTime: slow.stopMs } }).createMachine({
  initial: 'working',
  states: {
    working: { tags: 'ready', on: { drain: 'draining' } },
    draining: { after: { drainTime: 'drained' } },
    drained: { type: 'final' },
  },
})
const plain = fromTransition((state: number) => state, 0)

interface Case {
  readonly count: number
  readonly child: () => Runnable
  readonly concurrent: boolean
  readonly drains: boolean
}

const inOrder: Case = { count, child: () => run(machine), concurrent: false, drains: true }
const sideBySide: Case = { ...inOrder, concurrent: true }
const killed: Case = { count, child: () => run(plain), concurrent: true, drains: false }
const slowToStop: Case = { count: slow.count, child: () => run(slowMachine), concurrent: true, drains: true }

async function measure({ count, child, concurrent, drains }: Case): Promise<Round> {
  const children = Array.from({ length: count }, (_, index) => ({
    id: `child.${index}`,
    start: child,
    ...(drains ? {} : { shutdown: 'brutal_kill' as const }),
  }))
  const began = stopwatch()
  const supervisor = createActor(createSupervisor({ children, concurrent, clock }), { id: 'root' }).start()
  const [startMs, startCpuMs] = began()
  if (supervisor.getSnapshot().counts.active !== count) throw new Error('not all children are up')
  const asked = stopwatch()
  const ended = new Promise<void>((resolve) => supervisor.subscribe({ complete: resolve }))
  supervisor.send({ type: 'drain' })
  // What has stopped within the call is not made to wait for the event loop.
  if (supervisor.getSnapshot().status !== 'done') await ended
  const [stopMs, stopCpuMs] = asked()
  if (supervisor.getSnapshot().output?.drained !== drains)
    throw new Error('not all children have stopped as they should')
  return { startMs, stopMs, startCpuMs, stopCpuMs }
}

/** Wall time, and processor time of all threads, since it was made. */
function stopwatch(): () => [wallMs: number, cpuMs: number] {
  const cpu = process.cpuUsage()
  const began = performance.now()
  return () => {
    const wallMs = performance.now() - began
    const { user, system } = process.cpuUsage(cpu)
    return [wallMs, (user + system) / 1000]
  }
}

async function measureAll(of: Case): Promise<Round[]> {
  const measured: Round[] = []
  for (let round = 0; round < rounds; round++) measured.push(await measure(of))
  return measured
}

const figures = ['startMs', 'stopMs', 'startCpuMs', 'stopCpuMs'] as const
type Summary = Readonly<Record<(typeof figures)[number], { readonly median: number; readonly best: number }>>

/** The median says what to expect of this machine as it is; the best, what the code costs when nothing else runs. */
const summaryOf = (measured: readonly Round[]): Summary =>
  Object.fromEntries(
    figures.map((figure) => [
      figure,
      {
        median: medianOf(measured, (round) => round[figure]),
        best: Math.min(...measured.map((round) => round[figure])),
      },
    ]),
  ) as Summary

/** How many times OTP's. */
const ratios = (ours: Summary, theirs: Summary): object =>
  Object.fromEntries(
    figures.map((figure) => [
      figure,
      { median: ours[figure].median / theirs[figure].median, best: ours[figure].best / theirs[figure].best },
    ]),
  )

const results = {
  'machines, in order': summaryOf(await measureAll(inOrder)),
  'machines, side by side': summaryOf(await measureAll(sideBySide)),
  'plain logic, side by side, brutal_kill': summaryOf(await measureAll(killed)),
}
const slowly = await measure(slowToStop)
const otp = otpRounds({ count, rounds, slow })
const otpResults = otp && {
  release: otp.release,
  'gen_servers, in order': summaryOf(otp.inOrder),
  'gen_servers of a template, side by side': summaryOf(otp.sideBySide),
  timesAsMuch: {
    'in order': ratios(results['machines, in order'], summaryOf(otp.inOrder)),
    'side by side': ratios(results['machines, side by side'], summaryOf(otp.sideBySide)),
  },
}
const report = {
  benchmark: 'supervision',
  children: count,
  rounds,
  node: process.version,
  results,
  otp: otpResults ?? 'escript is not on the PATH: install erlang-base for a real OTP run beside this one',
  'children that need a second to stop, side by side': {
    children: slow.count,
    stopMs: slowly.stopMs,
    otpStopMs: otp?.slowToStop.stopMs,
  },
}
console.log(JSON.stringify(rounded(report), null, 2))
