import { describe, expect, it } from 'vitest'
import { chartOf, type ChartState, eventWords } from '../../src/inspection-feed/chart.ts'
import { cameraMachine } from '../../src/machines/camera-machine.ts'
import { inferenceMachine } from '../../src/machines/inference-machine.ts'
import { chartsFile, drawCharts } from '../../scripts/draw-statecharts.ts'
import { readFile } from 'node:fs/promises'

const outline = ({ path, type, initial, invokes, transitions, states }: ChartState): string[] => [
  `${path} ${type}${initial === null ? '' : `, begins in ${initial}`}${invokes.map(({ src }) => `, runs ${src}`).join('')}`,
  ...transitions.map(
    ({ label, guard, targets, actions }) =>
      `  ${label}${guard === null ? '' : ` [${guard}]`} → ${targets.join() || 'stays'}${actions.length > 0 ? ` / ${actions.join()}` : ''}`,
  ),
  ...states.flatMap(outline),
]

describe('the chart of a machine', () => {
  it('has its states, what they run, and its transitions with guards, delays and actions', () => {
    const { id, root } = chartOf(cameraMachine)
    expect(id).toBe('camera')
    expect(outline(root)).toEqual([
      ' compound, begins in online',
      '  drain → draining',
      'online compound, begins in connecting, runs frameStream',
      '  camera.pause → paused',
      '  frameStream done → finished',
      '  frameStream failed [isOperatingError] → backingOff / countFailure',
      'online.connecting atomic',
      '  stream.began → online.open',
      '  after connectTimeout [isReadOn] → online.connecting / noteUndecoded',
      '  after connectTimeout → backingOff / countFailure',
      'online.open compound, begins in streaming, runs frameWatch',
      '  stream.fresh → online.open.streaming / noteJudgement',
      '  stream.stale → online.open.stale / noteJudgement',
      '  stream.frozen → online.open.frozen / noteJudgement',
      '  stream.degraded → online.open.degraded / noteJudgement',
      '  frameWatch failed [isOperatingError] → backingOff / countFailure',
      '  after steadyAfter → stays / startLadderAnew',
      'online.open.streaming atomic',
      'online.open.stale atomic',
      'online.open.frozen atomic',
      'online.open.degraded atomic',
      'backingOff atomic',
      '  camera.pause → paused',
      '  after reconnectDelay → online',
      'paused atomic',
      '  camera.resume → online',
      'finished atomic',
      'draining atomic, runs streamReleased',
      '  drain → stays',
      '  streamReleased done → stopped',
      'stopped final',
    ])
  })

  it('names guards that are put together', () => {
    expect(outline(chartOf(inferenceMachine).root)).toContain(
      '  pool failed [isDraining and isWedged] → stopped / noteWedged',
    )
  })
})

describe('an event in words', () => {
  it.each([
    ['stream.began', 'stream.began'],
    ['xstate.after.reconnectDelay.camera.backingOff', 'after reconnectDelay'],
    ['xstate.after.2500.camera.backingOff', 'after 2.5 s'],
    ['xstate.done.actor.frameStream', 'frameStream done'],
    ['xstate.error.actor.frameStream', 'frameStream failed'],
    ['xstate.init', 'its start'],
    ['', 'always'],
  ])('%j is %s', (event, words) => {
    expect(eventWords(event)).toBe(words)
  })
})

describe('the drawn charts', () => {
  it('are those of the machines as they are, and the same each time', async () => {
    const drawn = await drawCharts()
    expect(drawn).toBe(await readFile(chartsFile, 'utf8'))
  })
})
