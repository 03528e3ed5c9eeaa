import { readFile, writeFile } from 'node:fs/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sum } from '../../src/domain/frame-account.ts'
import type { DaemonState } from '../../src/inspection-feed/protocol.ts'
import { eventually } from '../support/eventually.ts'
import { isAlive, killLeftovers, type LogLine, type RunningDaemon, startDaemon } from './support/daemon.ts'
import { accountOf } from './support/log.ts'
import { createSite, keyOf, losslessBelt, rtspCamera, type Site } from './support/site.ts'

let site: Site
beforeEach(async () => {
  site = await createSite()
})
afterEach(async () => {
  killLeftovers()
  await site.tearDown()
})

const idsOf = ({ cameras }: DaemonState) => cameras.map(({ id }) => String(id))
const actorOf = ({ actors }: DaemonState, path: string) => actors.find((actor) => actor.path === path)

/** The one line that the `count`-th reload says of itself. */
const outcome = (daemon: RunningDaemon, count: number): Promise<LogLine> =>
  eventually(
    `reload ${count} is done`,
    () => daemon.log.filter(({ fact }) => fact.startsWith('configuration'))[count - 1],
  )

describe('SIGHUP', () => {
  it('ends and starts the cameras that differ while the others stream on; a broken file changes nothing', async () => {
    const [stays, goes] = [await site.camera(), await site.camera()]
    const dock1 = rtspCamera('dock-1', stays.url)
    const file = await site.configure([dock1, rtspCamera('dock-2', goes.url)])
    const daemon = startDaemon(file)
    const before = await daemon.until('rows of both', ({ cameras }) => cameras.every(({ rows }) => rows.accepted > 10))
    const children = await daemon.children()

    await site.configure([dock1, losslessBelt('belt-1')])
    daemon.signal('SIGHUP')
    expect(await outcome(daemon, 1)).toMatchObject({
      level: 'info',
      actor: 'root',
      fact: 'configuration applied',
      added: ['belt-1'],
      removed: ['dock-2'],
      changed: [],
      unchanged: ['dock-1'],
      atNextStart: [],
    })
    const after = await daemon.until('rows of the new one', ({ cameras }) => (cameras[1]?.rows.accepted ?? 0) > 10)
    expect(idsOf(after)).toEqual(['dock-1', 'belt-1'])
    expect(actorOf(after, 'root/cameras/dock-2')).toBeUndefined()
    const path = 'root/cameras/dock-1'
    expect(actorOf(after, path)).toMatchObject({ epoch: 1, since: actorOf(before, path)?.since })
    expect((await Promise.all(children.map(isAlive))).toSorted()).toEqual([false, true])

    await writeFile(file, (await readFile(file, 'utf8')).replace('picture: 320x240', 'picture: 320by240'))
    daemon.signal('SIGHUP')
    expect(await outcome(daemon, 2)).toMatchObject({
      level: 'error',
      actor: 'root',
      fact: 'configuration refused: nothing was changed',
      mistakes: [expect.stringContaining(`${file}:4:`)],
    })
    const rows = after.cameras[0]?.rows.accepted ?? 0
    const later = await daemon.until('more rows of dock-1', ({ cameras }) => (cameras[0]?.rows.accepted ?? 0) > rows)
    expect(idsOf(later)).toEqual(['dock-1', 'belt-1'])
    expect(later.configuration.refused?.why).toContain(`${file}:4:`)

    daemon.signal('SIGTERM')
    expect(await daemon.exit).toEqual({ code: 0, signal: null })
    const starts = daemon.log.filter(({ actor, decision }) => actor === path && decision === 'start')
    expect(starts).toHaveLength(1)
    const delivered = await site.deliveredRows()
    expect(new Set(delivered.map(keyOf)).size).toBe(delivered.length)
    for (const id of ['dock-1', 'dock-2', 'belt-1']) {
      const { frames, rows: account } = accountOf(daemon.log, `root/cameras/${id}`)
      expect(frames).toMatchObject({
        captured: frames.inspected + sum(frames.dropped) + sum(frames.failed),
        inFlight: 0,
      })
      expect(account).toMatchObject({ produced: account.accepted, queued: 0 })
      const ofCamera = delivered.filter(({ camera }) => camera === id)
      expect({ id, rows: ofCamera.length, epochs: [...new Set(ofCamera.map(({ epoch }) => epoch))].length }).toEqual({
        id,
        rows: account.accepted,
        epochs: 1,
      })
    }
  })

  it('during the start is applied too, before the first camera', async () => {
    const file = await site.configure([losslessBelt('belt-1')])
    const daemon = startDaemon(file)
    await eventually('it has read its configuration', () => daemon.log.find(({ fact }) => fact === 'starting'))
    await site.configure([losslessBelt('belt-2')])
    daemon.signal('SIGHUP')
    await daemon.until('rows of the new one', ({ cameras }) => (cameras[0]?.rows.accepted ?? 0) > 10)
    expect(await outcome(daemon, 1)).toMatchObject({ added: ['belt-2'], removed: ['belt-1'], unchanged: [] })
    daemon.signal('SIGTERM')
    expect(await daemon.exit).toEqual({ code: 0, signal: null })
    expect(new Set((await site.deliveredRows()).map(({ camera }) => camera))).toEqual(new Set(['belt-2']))
  })
})
