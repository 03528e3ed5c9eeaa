import { describe, expect, it } from 'vitest'
import { allMachines } from '../../scripts/machines/all-machines.ts'
import { actorTones, isTrying, isTroubled, isWriterRunning, uploaderIn } from '../../src/domain/actor-states.ts'
import { ActorTally } from '../../src/inspection-feed/actor-tally.ts'
import { supervisorWords } from '../../src/inspection-feed/supervisor-words.ts'
import { toneOf } from '../../inspector/src/parts/tone.ts'

/** What is read of a machine's definition. */
interface NodeLike {
  readonly key: string
  readonly type: string
  readonly tags: readonly string[]
  readonly states: Readonly<Record<string, NodeLike>>
}

const innermost = (node: NodeLike): NodeLike[] =>
  Object.keys(node.states).length === 0 ? [node] : Object.values(node.states).flatMap(innermost)

const statesOf = (id: string): NodeLike[] => {
  const found = allMachines.find(({ machine }) => machine.id === id)
  return innermost(found!.machine.root as unknown as NodeLike)
}

const listed = Object.values(actorTones).flat()
const known = allMachines.flatMap(({ machine }) => statesOf(machine.id).map(({ key }) => `${machine.id}: ${key}`))

describe('a state of a machine', () => {
  it.each(known)('has a tone: %s', (state) => {
    expect(listed).toContain(state.slice(state.indexOf(' ') + 1))
  })

  it('has the same in all, and none is listed that there is not', () => {
    expect(new Set(listed).size).toBe(listed.length)
    const names = new Set([
      ...known.map((state) => state.slice(state.indexOf(' ') + 1)),
      ...Object.keys(supervisorWords),
      ...['active', 'crashed', 'cut off', 'done', 'failed'],
    ])
    expect(listed.filter((state) => !names.has(state))).toEqual([])
  })

  it('is called as its tone is found by', () => {
    expect(Object.entries(actorTones).map(([tone, states]) => [tone, [...new Set(states.map(toneOf))]])).toEqual(
      Object.keys(actorTones).map((tone) => [tone, [tone]]),
    )
  })
})

it.each(Object.keys(supervisorWords))('a supervisor’s word has a tone: %s', (word) => {
  expect(listed).toContain(word)
})

describe('a part', () => {
  const living = (id: string) => statesOf(id).filter(({ type }) => type !== 'final')

  it('that uploads runs in every state but its last, and is connected in those that have got that far', () => {
    expect(living('uploader').filter(({ key }) => !uploaderIn(key).running)).toEqual([])
    expect(uploaderIn('stopped')).toEqual({ running: false, connected: false })
    const connected = living('uploader').filter(({ key }) => uploaderIn(key).connected)
    expect(connected.map(({ key }) => key)).toEqual(['delivering', 'failing', 'draining'])
  })

  it('that writes is there where it takes rows', () => {
    const running = statesOf('csv-writer').filter(({ key }) => isWriterRunning(key))
    expect(running.map(({ key }) => key)).toEqual(['writing', 'blocked'])
  })

  it('is not in trouble where it tries, and is not well either', () => {
    const names = known.map((state) => state.slice(state.indexOf(' ') + 1))
    expect(names.filter(isTrying).filter(isTroubled)).toEqual([])
    expect(new Set(names.filter(isTrying).map(toneOf))).toEqual(new Set(['busy']))
  })
})

describe('the tries of a machine', () => {
  /** All of a machine's waits, by the events that end them. */
  const waits = allMachines
    .flatMap(({ machine }) => machine.events as readonly string[])
    .filter((event) => /^xstate\.after\.\w+Delay\./.test(event))
    .map((event) => ({ event }))

  it.each(waits)('count one that begins by $event', ({ event }) => {
    const tally = new ActorTally()
    tally.transition('root/part', { to: 'connecting', event })
    expect(tally.of('root/part').retried).toBe(1)
  })

  it('count none where a wait was cut short, or nothing was waited for', () => {
    const tally = new ActorTally()
    for (const event of ['drain', 'camera.restart', 'xstate.after.30000.uploader.online.delivering', 'xstate.init'])
      tally.transition('root/part', { to: 'connecting', event })
    expect(tally.of('root/part').retried).toBe(0)
    expect(waits.length).toBeGreaterThan(5)
  })
})
