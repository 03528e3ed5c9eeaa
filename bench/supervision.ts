/**
 * 10,000 children of one supervisor: how long they take to start and to stop. Prints JSON.
 *
 *     node --import tsx bench/supervision.ts
 */
import { createActor, fromTransition, setup } from 'xstate'
import { createSupervisor, run, type Runnable, type SupervisorClock } from '../src/supervision/index.ts'

const count = 10_000
const rounds = 5

const clock: SupervisorClock = {
  monotonic: () => performance.now(),
  setTimeout: (callback, delay) => setTimeout(callback, delay),
  clearTimeout: (handle) => clearTimeout(handle as NodeJS.Timeout),
}

const machine = setup({}).createMachine({
  initial: 'working',
  states: { working: { tags: 'ready', on: { drain: 'drained' } }, drained: { type: 'final' } },
})
const plain = fromTransition((state: number) => state, 0)

interface Measured {
  readonly startMs: number
  readonly stopMs: number
  readonly startCpuMs: number
  readonly stopCpuMs: number
}

const cases: Record<
  string,
  { readonly child: () => Runnable; readonly concurrent: boolean; readonly drains: boolean }
> = {
  'machines, in order': { child: () => run(machine), concurrent: false, drains: true },
  'machines, side by side': { child: () => run(machine), concurrent: true, drains: true },
  'plain logic, side by side, brutal_kill': { child: () => run(plain), concurrent: true, drains: false },
}

function measure({ child, concurrent, drains }: (typeof cases)[string] & object): Measured {
  const children = Array.from({ length: count }, (_, index) => ({
    id: `child.${index}`,
    start: child,
    ...(drains ? {} : { shutdown: 'brutal_kill' as const }),
  }))
  const supervisor = createActor(createSupervisor({ children, concurrent, clock }), { id: 'root' })
  const [startMs, startCpuMs] = timed(() => supervisor.start())
  if (supervisor.getSnapshot().counts.active !== count) throw new Error('not all children are up')
  const [stopMs, stopCpuMs] = timed(() => supervisor.send({ type: 'drain' }))
  if (supervisor.getSnapshot().status !== 'done') throw new Error('not all children have stopped')
  return { startMs, stopMs, startCpuMs, stopCpuMs }
}

function timed(action: () => void): [wallMs: number, cpuMs: number] {
  const began = performance.now()
  const cpu = process.cpuUsage()
  action()
  const { user, system } = process.cpuUsage(cpu)
  return [Math.round(performance.now() - began), Math.round((user + system) / 1000)]
}

/** The best of several rounds: what the code costs, and not what else the machine is doing. */
function best(of: (typeof cases)[string] & object): Measured {
  const measured = Array.from({ length: rounds }, () => measure(of))
  const least = (key: keyof Measured) => Math.min(...measured.map((round) => round[key]))
  return {
    startMs: least('startMs'),
    stopMs: least('stopMs'),
    startCpuMs: least('startCpuMs'),
    stopCpuMs: least('stopCpuMs'),
  }
}

const results = Object.fromEntries(Object.entries(cases).map(([name, of]) => [name, best(of)]))
console.log(
  JSON.stringify({ benchmark: 'supervision', children: count, rounds, node: process.version, results }, null, 2),
)
