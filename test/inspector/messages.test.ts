import { describe, expect, it } from 'vitest'
import { messagesAmong } from '../../inspector/src/timeline/message-runs.ts'
import { tellStory } from './page-records.ts'
import { startedAt } from '../inspection-feed/sample-state.ts'

const [cameras, dock, writer, uploader] = [
  'root/cameras',
  'root/cameras/dock-1',
  'root/csv-writer',
  'root/uploader',
] as const
/** Invoked by the uploader: nobody can choose it. */
const delivery = 'root/uploader/delivery'
const actors = new Set(['root', cameras, dock, writer, uploader, 'root/log'])

describe('the messages among chosen actors', () => {
  const { hear, wait, say, records } = tellStory()
  hear(dock, 'camera.pause', {}, cameras)
  wait(100)
  hear(uploader, 'file.delivered', {}, delivery)
  hear(uploader, 'file.delivered', {}, delivery)
  hear('root/log', 'drain', {}, 'root')
  wait(100)
  hear(uploader, 'file.delivered', {}, delivery)
  say(dock, { type: 'gauges.read', values: {} })
  hear(dock, 'camera.pause', {}, cameras)
  hear(uploader, 'file.delivered', {}, delivery)
  hear(delivery, 'finish', {}, uploader)
  hear(uploader, 'file.sealed', {}, writer)
  hear(writer, 'drain')
  const told = (chosen: readonly string[], from = 0, to = 200) =>
    messagesAmong({ chosen, actors }, records, from, to).map(
      ({ source, path, event, times, at, lastAt }) =>
        `${at - startedAt}–${lastAt - startedAt} ${source ?? 'outside'} to ${path}: ${event} ×${times}`,
    )

  it('are those that one of them said to another, or to what it is made of; the same one after the other is one', () => {
    expect(told([uploader, writer])).toEqual([
      `100–200 ${delivery} to ${uploader}: file.delivered ×4`,
      `200–200 ${uploader} to ${delivery}: finish ×1`,
      `200–200 ${writer} to ${uploader}: file.sealed ×1`,
    ])
    expect(told([cameras, dock, uploader])).toEqual([
      `0–0 ${cameras} to ${dock}: camera.pause ×1`,
      `100–200 ${delivery} to ${uploader}: file.delivered ×3`,
      `200–200 ${cameras} to ${dock}: camera.pause ×1`,
      `200–200 ${delivery} to ${uploader}: file.delivered ×1`,
      `200–200 ${uploader} to ${delivery}: finish ×1`,
    ])
  })

  it('are none with others: neither what they say to one of them, nor what one of them says to these', () => {
    expect(told([dock, writer])).toEqual([])
  })

  it('are none of those below a supervisor that was chosen itself, for they can be chosen', () => {
    expect(told(['root', writer])).toEqual([])
  })

  it('are of one alone all that it got and all that it said', () => {
    expect(told([writer])).toEqual([
      `200–200 ${writer} to ${uploader}: file.sealed ×1`,
      `200–200 outside to ${writer}: drain ×1`,
    ])
    expect(told([cameras])).toEqual([`0–200 ${cameras} to ${dock}: camera.pause ×2`])
    expect(told(['root'])).toEqual([`100–100 root to root/log: drain ×1`])
  })

  it('are those between two moments', () => {
    expect(told([uploader], 50, 150)).toEqual([`100–100 ${delivery} to ${uploader}: file.delivered ×2`])
    expect(told([uploader], 201, 300)).toEqual([])
  })
})
