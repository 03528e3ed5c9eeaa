import { describe, expect, it } from 'vitest'
import { chosenMachine } from '../../inspector/src/machine/chosen-machine.ts'
import { ActorPictures } from '../../src/inspection-feed/actor-pictures.ts'
import type { ActorView } from '../../src/inspection-feed/protocol.ts'
import { epochMs } from '../../src/domain/units.ts'
import { actorView, daemonState, startedAt } from '../inspection-feed/sample-state.ts'
import { tellStory } from './page-records.ts'

const sceneOf = (...actors: ActorView[]) => {
  const { start, records } = tellStory()
  for (const { path, kind } of actors) start(path, kind === 'supervisor' ? null : 'camera')
  const pictures = new ActorPictures()
  for (const record of records) pictures.apply(record)
  return { state: daemonState({ actors }), pictures }
}

const root = actorView('root', { kind: 'supervisor', state: 'crashed' })
const camera = (id: string, view: Partial<ActorView> = {}) =>
  actorView(`root/cameras/${id}`, { state: 'streaming', ...view })
const since = (ms: number) => ({ since: epochMs(startedAt + ms) })
const was = (state: string) => [{ state, since: startedAt, until: startedAt, why: null }]

describe('the machine that is looked at', () => {
  it.each<{ of: string; actors: ActorView[]; chosen: string }>([
    { of: 'well', actors: [root, camera('a'), camera('b')], chosen: 'b' },
    { of: 'one in trouble', actors: [camera('a', { state: 'backingOff' }), camera('b')], chosen: 'a' },
    {
      of: 'one that tries again, and was in trouble before',
      actors: [camera('a'), camera('b', { state: 'connecting', before: was('backingOff') }), camera('c')],
      chosen: 'b',
    },
    {
      of: 'several in trouble, the worst',
      actors: [camera('a', { state: 'backingOff', ...since(0) }), camera('b', { state: 'refused', ...since(9) })],
      chosen: 'b',
    },
    {
      of: 'several in the same trouble, the oldest',
      actors: [camera('a', { state: 'backingOff', ...since(9) }), camera('b', { state: 'backingOff', ...since(0) })],
      chosen: 'b',
    },
  ])('is, where none is asked for, of those that are $of', ({ actors, chosen }) => {
    expect(chosenMachine(sceneOf(...actors), '').path).toBe(`root/cameras/${chosen}`)
  })

  it('is the one that is asked for, whoever else is in trouble, and whether it is there or not', () => {
    const scene = sceneOf(root, camera('a'), camera('b', { state: 'refused' }))
    for (const id of ['a', 'gone']) expect(chosenMachine(scene, `root/cameras/${id}`).path).toBe(`root/cameras/${id}`)
    expect(chosenMachine(scene, '').machines.map(({ path }) => path)).toEqual(['root/cameras/a', 'root/cameras/b'])
  })

  it('is none where none is known', () => {
    expect(chosenMachine(sceneOf(root), '').path).toBeUndefined()
  })
})
