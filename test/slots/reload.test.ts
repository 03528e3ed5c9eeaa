import { describe, expect, it } from 'vitest'
import { cameraAccounts } from '../../src/slots/daemon-state.ts'
import { createReload, type ReadConfig } from '../../src/slots/reload.ts'
import type { SupervisorRef } from '../../src/supervision/index.ts'
import { settle } from '../fakes/virtual-clock.ts'
import { answer, configText, plain, readConfigOf, runCameras } from './run-cameras.ts'

const three = configText({ a: plain, b: plain, c: plain })

async function started(text = three) {
  const cameras = await runCameras(text)
  await cameras.start()
  return cameras
}

const applied = { added: [], removed: [], changed: [], changedKeys: [], unchanged: [], atNextStart: [] }

/** Of a file that is read when it is told to. */
function readOf(text: string) {
  let tell: () => void = () => undefined
  const answered = new Promise<void>((resolve) => (tell = resolve))
  const reading = {
    begun: 0,
    read: async (): Promise<ReadConfig> => {
      reading.begun++
      await answered
      return readConfigOf(text)
    },
    answer: async () => {
      tell()
      await answered
    },
  }
  return reading
}

describe('a reload', () => {
  it('starts, ends and starts anew the cameras that differ, and leaves the others alone', async () => {
    const cameras = await started()
    expect(cameras.running).toEqual({ a: 1, b: 1, c: 1 })
    const before = { a: cameras.source('a'), b: cameras.source('b'), c: cameras.source('c') }
    await cameras.reloadTo(configText({ d: plain, c: `${plain}, fps: 5`, a: plain }))
    expect(cameras.running).toEqual({ a: 1, c: 2, d: 1 })
    expect(cameras.source('a')).toBe(before.a)
    expect(before.a).toMatchObject({ opened: 1, isOpen: true })
    expect(before.b.isOpen).toBe(false)
    expect(before.c.isOpen).toBe(false)
    expect(cameras.source('c')).not.toBe(before.c)
    expect(cameras.source('c').isOpen).toBe(true)
    expect(cameras.source('d').isOpen).toBe(true)
    expect(cameras.stage.cameras.map(({ id }) => id)).toEqual(['d', 'c', 'a'])
    expect(cameras.lines).toEqual([
      {
        level: 'always',
        path: 'root',
        fact: 'configuration applied',
        fields: { ...applied, added: ['d'], removed: ['b'], changed: ['c'], changedKeys: ['c.fps'], unchanged: ['a'] },
      },
    ])
  })

  it('to the same in another order touches nothing and shows the new order', async () => {
    const cameras = await started()
    await cameras.reloadTo(configText({ c: plain, b: plain, a: plain }))
    expect(cameras.running).toEqual({ a: 1, b: 1, c: 1 })
    expect(cameras.stage.cameras.map(({ id }) => id)).toEqual(['c', 'b', 'a'])
    expect(cameras.lines.map(({ fields }) => fields)).toEqual([{ ...applied, unchanged: ['c', 'b', 'a'] }])
  })

  it('names what takes effect at the next start, and applies the cameras all the same', async () => {
    const cameras = await started()
    await cameras.reloadTo(
      configText({ a: plain, b: plain }).replace('sftp.example.com', 'other.example.com') + 'csv: { queue: 5 }\n',
    )
    expect(cameras.running).toEqual({ a: 1, b: 1 })
    expect(cameras.lines).toEqual([
      {
        level: 'warn',
        path: 'root',
        fact: 'configuration applied',
        fields: { ...applied, removed: ['c'], unchanged: ['a', 'b'], atNextStart: ['csv.queue', 'sftp.host'] },
      },
    ])
    expect(cameras.stage.configuration.atNextStart).toEqual(['csv.queue', 'sftp.host'])
    // Said again each time, as long as it waits.
    await cameras.reloadTo(configText({ a: plain, b: plain }, 'stop: { budget: 50s }\n'))
    expect(cameras.lines[1]?.fields).toMatchObject({ removed: [], atNextStart: ['stop.budget'] })
    expect(cameras.stage.configuration.atNextStart).toEqual(['stop.budget'])
  })

  it.each([
    { level: 'info', said: 'warn' },
    { level: 'warn', said: 'warn' },
    { level: 'error', said: 'always' },
  ])('is said at log level $level too where something waits for the next start', async ({ level, said }) => {
    const at = (more: string) => configText({ a: plain }, `log: { level: ${level} }\n${more}`)
    const cameras = await runCameras(at(''))
    await cameras.reloadTo(at('csv: { queue: 5 }\n'))
    expect(cameras.lines).toMatchObject([{ level: said, fields: { atNextStart: ['csv.queue'] } }])
  })

  it('drops what waits of a removed camera, counts what a worker has, and keeps the account', async () => {
    const cameras = await started()
    // Each has sent its first picture; a's is in a worker, and its next waits.
    const job = cameras.take()
    expect(job.frame).toMatchObject({ cameraId: 'a', epoch: 1, number: 0 })
    cameras.source('a').send()
    await cameras.reloadTo(configText({ b: plain, c: plain }))
    expect(cameras.frames('a')).toMatchObject({ captured: 2, dropped: { stopped: 1 }, inspected: 0, inFlight: 1 })
    expect(cameras.stage.scheduler.waiting).toBe(2)
    await answer(job)
    expect(cameraAccounts(cameras.stage)).toMatchObject([
      { id: 'b', path: 'root/cameras/b' },
      { id: 'c' },
      { id: 'a', path: 'root/cameras/a', frames: { captured: 2, inspected: 1, inFlight: 0 }, rows: { queued: 1 } },
    ])
  })

  it('goes on with the numbers of a camera that was removed and is added again', async () => {
    const cameras = await started()
    await answer(cameras.take())
    await cameras.reloadTo(configText({ b: plain, c: plain }))
    await cameras.reloadTo(three)
    expect(cameras.running).toEqual({ b: 1, c: 1, a: 2 })
    const rows: unknown[] = []
    for (let frame = 0; frame < 3; frame++) {
      const job = cameras.take()
      if (job.frame.cameraId === 'a') rows.push([job.frame.epoch, job.frame.number])
      await answer(job)
    }
    expect(rows).toEqual([[2, 0]])
    expect(cameras.frames('a')).toMatchObject({ captured: 2, inspected: 2, inFlight: 0 })
  })

  it('gives a changed camera pictures of its new size, after the answers of its old ones', async () => {
    const cameras = await started(configText({ a: plain }))
    const old = cameras.take()
    await cameras.reloadTo(configText({ a: plain.replace('32x16', '64x32') }))
    const young = cameras.take()
    expect([old, young].map(({ task }) => task.picture.size)).toEqual([
      { width: 32, height: 16 },
      { width: 64, height: 32 },
    ])
    void answer(young)
    await settle()
    expect(cameras.stage.queue.rows(young.frame.cameraId).produced).toBe(0)
    await answer(old)
    await settle()
    expect(cameras.stage.queue.peek(`${old.frame.cameraId}/model`).map(({ rows }) => rows[0]?.slice(0, 4))).toEqual([
      [3, 'a', 1, 0],
      [3, 'a', 2, 0],
    ])
    expect(cameras.frames('a')).toMatchObject({ captured: 2, inspected: 2, inFlight: 0 })
  })

  it('waits until nothing is left of a changed camera before it opens it anew', async () => {
    const cameras = await started()
    const before = cameras.source('a')
    before.lingers = true
    const done = cameras.reload(() => readConfigOf(configText({ a: `${plain}, fps: 5`, b: plain, c: plain })))
    await settle()
    expect(cameras.source('a')).toBe(before)
    before.letGo()
    await done
    expect(cameras.source('a')).not.toBe(before)
    expect(cameras.source('a').isOpen).toBe(true)
  })
})

describe('a reload of what cannot be applied', () => {
  it('changes nothing, and says all that is wrong by line', async () => {
    const cameras = await started()
    await cameras.reloadTo(configText({ a: plain, d: plain.replace('particles', 'partikles'), 'Not an id': plain }))
    expect(cameras.running).toEqual({ a: 1, b: 1, c: 1 })
    expect(cameras.lines).toMatchObject([
      {
        level: 'error',
        path: 'root',
        fact: 'configuration refused: nothing was changed',
        fields: {
          mistakes: [
            expect.stringMatching(
              /^\/etc\/belay\/belay\.yaml:3:\d+ cameras\[1\]\.detect\.model: expected .*, found "partikles"/,
            ),
            expect.stringMatching(/^\/etc\/belay\/belay\.yaml:4:\d+ cameras\[2\]\.id: expected /),
          ],
        },
      },
    ])
  })

  it('changes nothing where one camera needs a model that is not loaded', async () => {
    const cameras = await started()
    const more = "  second: { kind: detect, file: 'builtin:belt-particles' }\n"
    await cameras.reloadTo(configText({ a: plain, d: plain.replace('particles', 'second') }, more))
    expect(cameras.running).toEqual({ a: 1, b: 1, c: 1 })
    expect(cameras.stage.cameras.map(({ id }) => id)).toEqual(['a', 'b', 'c'])
    expect(cameras.lines).toMatchObject([
      {
        level: 'error',
        fields: { mistakes: ['camera d: its model second is not loaded; models are loaded when Belay starts'] },
      },
    ])
  })

  it('stands in the state until one is applied', async () => {
    const cameras = await started()
    const { appliedAt } = cameras.stage.configuration
    cameras.clock.advance(1_000)
    await cameras.reloadTo(configText({ a: plain, d: plain.replace('particles', 'partikles'), 'Not an id': plain }))
    expect(cameras.stage.configuration).toEqual({
      appliedAt,
      atNextStart: [],
      refused: { at: appliedAt + 1_000, why: expect.stringMatching(/found "partikles".* \(and 1 more\)$/) as string },
    })
    cameras.clock.advance(1_000)
    await cameras.reloadTo(three)
    expect(cameras.stage.configuration).toEqual({ appliedAt: appliedAt + 2_000, refused: null, atNextStart: [] })
  })

  it('is refused during a stop, also one that began while the file was read', async () => {
    const cameras = await started()
    let tell: (read: ReadConfig) => void = () => undefined
    const done = cameras.reload(() => new Promise((resolve) => (tell = resolve)))
    cameras.stop()
    tell(await readConfigOf(configText({ d: plain })))
    await done
    expect(cameras.stage.cameras.map(({ id }) => id)).toEqual(['a', 'b', 'c'])
    expect(cameras.lines).toMatchObject([{ level: 'error', fields: { mistakes: ['the daemon is stopping'] } }])
  })

  it('is refused where its file is not read within 30 s, nothing comes of it later, and no other read begins meanwhile', async () => {
    const cameras = await started()
    const [slow, next] = [readOf(configText({ a: plain })), readOf(configText({ b: plain }))]
    const done = cameras.reload(slow.read)
    await cameras.clock.advanceAsync(29_999)
    expect(cameras.lines).toEqual([])
    await cameras.clock.advanceAsync(1)
    await done
    const why = 'expected a configuration that can be read, and its secrets, found no end of the read after 30 s'
    expect(cameras.lines).toMatchObject([{ level: 'error', fields: { mistakes: [why] } }])
    expect(cameras.stage.configuration.refused?.why).toBe(why)

    await cameras.reload(next.read)
    expect(next.begun).toBe(0)
    expect(cameras.stage.configuration.refused?.why).toMatch(/found an earlier read of it has not ended$/)

    await slow.answer()
    await cameras.clock.advanceAsync(60_000)
    expect(cameras.stage.cameras.map(({ id }) => id)).toEqual(['a', 'b', 'c'])
    await cameras.reloadTo(configText({ b: plain }))
    expect(cameras.stage.cameras.map(({ id }) => id)).toEqual(['b'])
    expect(cameras.stage.configuration.refused).toBeNull()
  })

  it('is said to have failed where reading it throws, and the next one is applied', async () => {
    const cameras = await started()
    const error = new Error('a bug')
    await cameras.reload(() => Promise.reject(error))
    expect(cameras.lines).toEqual([{ level: 'error', path: 'root', fact: 'reload failed', fields: { error } }])
    expect(cameras.stage.configuration.refused?.why).toBe('Error: a bug')
    await cameras.reloadTo(configText({ a: plain }))
    expect(cameras.running).toEqual({ a: 1 })
  })

  it('leaves out a camera that its supervisor does not take, says so, and tries it again the next time', async () => {
    const cameras = await started()
    const { group, stage } = cameras
    const error = new Error('a bug')
    const refusing: SupervisorRef = {
      getSnapshot: () => group.getSnapshot(),
      send(event) {
        if (event.type !== 'supervisor.start_child') return group.send(event)
        event.reply?.({ ok: false, error: 'start_failed', reason: error })
      },
    }
    const next = configText({ a: plain, b: `${plain}, fps: 5`, d: plain })
    await createReload({ stage, group: () => refusing, isStopping: () => false })(() => readConfigOf(next))
    expect(cameras.running).toEqual({ a: 1 })
    expect(stage.cameras.map(({ id }) => id)).toEqual(['a'])
    expect([...stage.lanes.keys()]).toEqual(['a'])
    expect(cameras.lines).toMatchObject([
      { level: 'error', path: 'root/cameras/d', fact: 'could not be started', fields: { error } },
      { level: 'error', path: 'root/cameras/b', fact: 'could not be started', fields: { error } },
      { level: 'error', path: 'root', fields: { changed: ['b'], added: ['d'], failed: ['d', 'b'], unchanged: ['a'] } },
    ])
    expect(stage.configuration.refused?.why).toBe('only for camera d (and 1 more): Error: a bug')
    await cameras.reloadTo(next)
    expect(Object.keys(cameras.running).toSorted()).toEqual(['a', 'b', 'd'])
    expect(cameras.source('d').isOpen).toBe(true)
    expect(stage.configuration.refused).toBeNull()
  })
})

describe('a reload that meets something else', () => {
  it('is applied at the start of the cameras, where it comes before', async () => {
    const cameras = await runCameras(three)
    await cameras.reloadTo(configText({ b: plain, d: plain }))
    await cameras.start()
    expect(cameras.running).toEqual({ b: 1, d: 1 })
    expect(cameras.lines).toMatchObject([{ fields: { added: ['d'], removed: ['a', 'c'], unchanged: ['b'] } }])
  })

  it('waits for the one before it; of those that wait, the last alone is read', async () => {
    const cameras = await started()
    const lingering = cameras.source('b')
    lingering.lingers = true
    const asked: string[] = []
    const ask = (name: string, text: string) =>
      cameras.reload(() => {
        asked.push(name)
        return readConfigOf(text)
      })
    const done = [ask('first', configText({ a: plain, c: plain }))]
    await settle()
    done.push(ask('second', configText({ d: plain })), ask('third', configText({ a: plain, e: plain })))
    await settle()
    expect(asked).toEqual(['first'])
    expect(cameras.lines).toEqual([])
    lingering.letGo()
    await Promise.all(done)
    expect(asked).toEqual(['first', 'third'])
    expect(Object.keys(cameras.running)).toEqual(['a', 'e'])
    expect(cameras.lines.map(({ fields }) => [fields['added'], fields['removed']])).toEqual([
      [[], ['b']],
      [['e'], ['c']],
    ])
  })

  it('ends in its cameras when their group fails in the midst of it, and no epoch comes again', async () => {
    const cameras = await started()
    for (const id of ['b', 'c']) cameras.source(id).lingers = true
    const job = cameras.take()
    const done = cameras.reload(() => readConfigOf(configText({ a: plain, b: `${plain}, fps: 5`, d: plain })))
    await settle()
    await cameras.crashGroup()
    await done
    // What the old life of the group had open is still there.
    expect(cameras.running).toEqual({ a: 1, b: 1, c: 1, d: 1 })
    for (const id of ['b', 'c']) cameras.source(id).letGo()
    await settle()
    expect(cameras.running).toEqual({ a: 2, b: 2, d: 2 })
    expect(cameras.stage.cameras.map(({ id }) => id)).toEqual(['a', 'b', 'd'])
    expect([...cameras.stage.lanes.keys()].toSorted()).toEqual(['a', 'b', 'd'])
    expect(cameras.source('b').isOpen).toBe(true)
    await answer(job)
    expect(cameras.frames('a')).toMatchObject({ inspected: 1 })
  })

  it('is what a later life of the group is made of', async () => {
    const cameras = await started()
    await cameras.reloadTo(configText({ a: plain, b: `${plain}, fps: 5`, d: plain }))
    await cameras.reloadTo(configText({ a: plain, b: `${plain}, fps: 5` }))
    expect(cameras.running).toEqual({ a: 1, b: 2 })
    await cameras.crashGroup()
    expect(cameras.running).toEqual({ a: 3, b: 3 })
    cameras.source('b').send()
    for (const job of [cameras.take(), cameras.take()]) {
      expect(job.frame.epoch).toBe(3)
      await answer(job)
    }
  })

  it('is cut short by a stop, and says so', async () => {
    const cameras = await started()
    const lingering = cameras.source('b')
    lingering.lingers = true
    const done = cameras.reload(() => readConfigOf(configText({ a: plain, b: `${plain}, fps: 5`, c: plain })))
    await settle()
    cameras.stop()
    await done
    expect(cameras.lines).toMatchObject([
      { level: 'warn', fact: 'configuration applied in part: the daemon is stopping', fields: { changed: ['b'] } },
    ])
    lingering.letGo()
    await cameras.clock.advanceAsync(10_000)
    expect(cameras.sources.get('b')).toHaveLength(1)
    for (const id of ['a', 'b', 'c']) expect(cameras.source(id).isOpen).toBe(false)
  })
})
