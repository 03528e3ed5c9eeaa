import { readFileSync } from 'node:fs'
import { createMachine, setup } from 'xstate'
import { describe, expect, it } from 'vitest'
import { drawMachines } from '../../scripts/draw-machines.ts'
import { allMachines, machinesFolder } from '../../scripts/machines/all-machines.ts'
import { drawDiagram } from '../../scripts/machines/draw-diagram.ts'
import { layOutChart } from '../../scripts/machines/lay-out-chart.ts'
import { ownersOf, readMachineSource } from '../../scripts/machines/machine-source.ts'
import { type ChartState, chartOf } from '../../src/inspection-feed/chart.ts'

describe('the page on the machines', () => {
  it('is committed as it is drawn now (else run: npm run draw)', () => {
    expect(readFileSync(new URL('README.md', machinesFolder), 'utf8')).toBe(drawMachines())
  })

  it.each(allMachines.map(({ file }) => file))('says of %s who owns it, and what each of its actors does', (file) => {
    expect(ownersOf(file)).not.toEqual([])
    const silent = Object.entries(readMachineSource(file).actors).filter(([, { comment }]) => comment === '')
    expect(silent.map(([name]) => name)).toEqual([])
  })
})

describe("the page's statecharts", () => {
  it.each(allMachines)('tell of $machine.id every guard, in its state or beside its arrow', async ({ machine }) => {
    const chart = chartOf(machine)
    const { states, arrows, anywhere } = await layOutChart(chart)
    const withInner = (state: ChartState): ChartState[] => [state, ...state.states.flatMap(withInner)]
    const untold = withInner(chart.root).flatMap(({ path, transitions }) => {
      const told = [
        ...(path === '' ? anywhere.map(({ words }) => words) : []),
        ...states.filter((box) => box.path === path).flatMap(({ lines }) => lines),
      ]
      return transitions.flatMap(({ label, guard, targets }) => {
        const isTold =
          targets.length === 0 || path === ''
            ? told.some((line) => line.includes(`${label} [${guard}]`))
            : arrows.some(({ from, label }) => from === path && label.includes(`[${guard}]`))
        return guard === null || isTold ? [] : [`${path}: ${label} [${guard}]`]
      })
    })
    expect(untold).toEqual([])
  })
})

describe('a machine that is drawn', () => {
  const machine = setup({
    guards: { isOpen: () => true, isFull: () => true },
    delays: { patience: 1500 },
  }).createMachine({
    id: 'door',
    initial: 'shut',
    on: { drain: '.gone' },
    states: {
      shut: { initial: 'locked', states: { locked: { on: { turn: 'loose' } }, loose: { on: { push: '#door.open' } } } },
      open: {
        on: {
          push: {},
          look: { actions: () => {} },
          pull: [{ guard: 'isFull', target: 'shut.loose' }, { target: 'shut' }],
        },
        after: { patience: { guard: 'isOpen', target: 'shut' } },
      },
      gone: { type: 'final' },
    },
  })

  it('shows inner states, guards, delays and ends, one arrow between two states, and nothing that changes no state', () => {
    expect(drawDiagram(machine)).toBe(`stateDiagram-v2
  state "in every state" as anywhere
  [*] --> shut
  state shut {
    [*] --> locked
    locked
    loose
    locked --> loose : turn
  }
  open
  gone --> [*]
  anywhere --> gone : drain
  loose --> open : push
  open --> loose : pull [isFull]
  open --> shut : pull<br/>after patience (1.5 s) [isOpen]`)
  })

  it('is refused when two of its states, a guard or an actor have no name to be told by', () => {
    const twice = createMachine({ initial: 'on', states: { on: { initial: 'on', states: { on: {} } } } })
    expect(() => drawDiagram(twice)).toThrow('Two states are named on')
    const nameless = createMachine({
      initial: 'on',
      states: { on: { on: { go: { guard: () => true, target: 'on' } } } },
    })
    expect(() => drawDiagram(nameless)).toThrow('A guard without a name cannot be drawn')
  })
})
