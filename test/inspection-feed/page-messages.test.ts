import { describe, expect, it } from 'vitest'
import { messagesTo } from '../../inspector/src/message-runs.ts'
import { tellStory } from './page-records.ts'
import { startedAt } from './sample-state.ts'

const [dock, uploader] = ['root/cameras/dock-1', 'root/uploader']

describe('the messages between chosen actors', () => {
  const { hear, wait, say, records } = tellStory()
  hear(dock, 'camera.pause', {}, 'root/cameras')
  wait(100)
  hear(uploader, 'file.delivered')
  hear(uploader, 'file.delivered')
  hear('root/log', 'drain')
  wait(100)
  hear(uploader, 'file.delivered')
  say(dock, { type: 'gauges.read', values: {} })
  hear(dock, 'camera.pause', {}, 'root/cameras')
  hear(uploader, 'file.delivered')
  hear(uploader, 'file.conflict')
  hear(uploader, 'file.conflict', {}, 'root/csv-writer')
  const told = (chosen: readonly string[], from = 0, to = 200) =>
    messagesTo(chosen, records, from, to).map(
      ({ path, event, times, at, lastAt }) => `${at - startedAt}–${lastAt - startedAt} ${path} ${event} ×${times}`,
    )

  it('are those that one of them got, and the same one after the other is one', () => {
    expect(told([dock, uploader])).toEqual([
      `0–0 ${dock} camera.pause ×1`,
      `100–200 ${uploader} file.delivered ×3`,
      `200–200 ${dock} camera.pause ×1`,
      `200–200 ${uploader} file.delivered ×1`,
      `200–200 ${uploader} file.conflict ×1`,
      `200–200 ${uploader} file.conflict ×1`,
    ])
    expect(told([dock])).toEqual([`0–200 ${dock} camera.pause ×2`])
  })

  it('are those between two moments', () => {
    expect(told([uploader], 50, 150)).toEqual([`100–100 ${uploader} file.delivered ×2`])
    expect(told([uploader], 201, 300)).toEqual([])
  })
})
