import { describe, expect, it } from 'vitest'
import { conclude } from '../../src/commands/run/conclude.ts'
import { minutes } from '../../src/domain/units.ts'
import { runPlant } from './run-plant.ts'

type Plant = Awaited<ReturnType<typeof runPlant>>

/** All has drained, and every row that was accepted is on the server. */
async function expectCleanStop({ process, pass, delivered }: Plant): Promise<void> {
  process.stop()
  await pass(10_000)
  expect(process.end?.root).toMatchObject({ ended: 'asked', drained: true })
  const accepted = process.end?.accounts.reduce((sum, { rows }) => sum + rows.accepted, 0)
  expect(accepted).toBeGreaterThan(0)
  expect(delivered()).toBe(accepted)
}

describe('a slot that crashes while everything is at work', () => {
  it.each([
    { slot: 'log', along: [] },
    { slot: 'manifest', along: ['csv-writer', 'uploader'] },
    { slot: 'csv-writer', along: [] },
    { slot: 'uploader', along: [] },
    { slot: 'inspector', along: [] },
    { slot: 'inference', along: [] },
  ])('is restarted with $along: $slot; no camera notices, and no row is lost', async ({ slot, along }) => {
    const plant = await runPlant()
    expect(plant.idle).toEqual({})
    expect(plant.opened.toSorted()).toEqual(['belt-2', 'dock-1'])
    const before = plant.captured('dock-1')
    plant.process.crash(`root/${slot}`)
    expect(plant.idle).toHaveProperty([`root/${slot}`])
    await plant.pass(10_000)
    expect(plant.idle).toEqual({})
    expect(plant.laterLives).toEqual(Object.fromEntries([slot, ...along].map((id) => [`root/${id}`, 2])))
    expect(plant.opened).toHaveLength(2)
    expect(plant.captured('dock-1')).toBe(before + 5)
    const crash = plant.reports.filter(({ cause, decision }) => cause.type === 'exit' && decision === 'restart')
    expect(crash).toMatchObject([{ path: `root/${slot}`, epoch: 1, restartsLeft: 4 }])
    await expectCleanStop(plant)
  })
})

describe('a manifest that crashes while files are open', () => {
  it('is open again at once: the writer waits for no seal that no manifest takes', async () => {
    const plant = await runPlant((config) => ({
      ...config,
      csv: { ...config.csv, rotation: { ...config.csv.rotation, rows: 1_000, interval: minutes(5) } },
    }))
    const refused = () => plant.process.daemon.state().cameras.map(({ rows }) => rows.refused['writer-down'])
    plant.process.crash('root/manifest')
    await plant.pass(500)
    expect(plant.idle).toEqual({})
    expect(plant.laterLives).toMatchObject({ 'root/csv-writer': 2 })
    await plant.pass(5_000)
    expect(refused()).toEqual([0, 0])
    await expectCleanStop(plant)
  })
})

describe('a manifest that crashes and takes long to close', () => {
  it.each(['uploader', 'csv-writer'])('spends no restart of the %s that looks for it meanwhile', async (slot) => {
    const plant = await runPlant()
    plant.process.crash('root/manifest')
    await plant.hang('manifest.close')
    // Begins anew while there is no manifest.
    plant.process.crash(`root/${slot}`)
    await plant.pass(3_000)
    expect(plant.idle).toMatchObject({ [`root/${slot}`]: 'backingOff' })
    plant.release()
    await plant.pass(10_000)
    expect(plant.idle).toEqual({})
    const crashes = plant.reports.filter(({ cause, decision }) => cause.type === 'exit' && decision === 'restart')
    expect(crashes.map(({ path }) => path).toSorted()).toEqual(['root/manifest', `root/${slot}`].toSorted())
    await expectCleanStop(plant)
  })
})

describe('a manifest that crashes and is not closed when its disposer gives up', () => {
  it('is opened by its next life once it is, however long that takes, and spends one restart', async () => {
    const plant = await runPlant()
    plant.process.crash('root/manifest')
    await plant.hang('manifest.close')
    await plant.pass(60_000)
    expect(plant.process.end).toBeUndefined()
    expect(plant.idle).toMatchObject({ 'root/manifest': 'opening' })
    plant.release()
    await plant.pass(10_000)
    expect(plant.idle).toEqual({})
    expect(plant.laterLives).toMatchObject({ 'root/manifest': 2 })
    await expectCleanStop(plant)
  })

  it('ends with a stop that comes meanwhile', async () => {
    const plant = await runPlant()
    plant.process.crash('root/manifest')
    await plant.hang('manifest.close')
    await plant.pass(10_000)
    plant.process.stop()
    await plant.pass(60_000)
    expect(plant.process.end?.root).toMatchObject({ ended: 'asked', drained: false })
  })

  it('is not opened before the life before the last has closed it either', async () => {
    const plant = await runPlant()
    plant.process.crash('root/manifest')
    await plant.hang('manifest.close')
    await plant.pass(30_000)
    expect(plant.laterLives).toMatchObject({ 'root/manifest': 2 })
    plant.process.kill('root/manifest')
    await plant.pass(10_000)
    expect(plant.idle).toMatchObject({ 'root/manifest': 'opening' })
    plant.release()
    await plant.pass(10_000)
    expect(plant.idle).toEqual({})
    expect(plant.laterLives).toMatchObject({ 'root/manifest': 3 })
    await expectCleanStop(plant)
  })
})

describe('a manifest that crashes, and of which not even the files can be counted any more', () => {
  it('is closed all the same, and its next life opens it', async () => {
    const plant = await runPlant()
    plant.process.crash('root/manifest')
    await plant.break('manifest.commit')
    await plant.pass(10_000)
    expect(plant.idle).toEqual({})
    expect(plant.laterLives).toMatchObject({ 'root/manifest': 2 })
    await expectCleanStop(plant)
  })
})

describe('a manifest that crashes on a disk that fails', () => {
  it('is opened again once the disk answers, with the writer and the uploader, and spends one restart', async () => {
    const plant = await runPlant()
    plant.process.crash('root/manifest')
    for (let tries = 0; tries < 8; tries++) {
      await plant.fail('manifest.open', 'SQLITE_IOERR')
      await plant.pass(10)
      expect(plant.idle).toMatchObject({ 'root/manifest': 'backingOff' })
    }
    expect(plant.process.end).toBeUndefined()
    await plant.pass(40_000)
    expect(plant.idle).toEqual({})
    expect(plant.laterLives).toEqual({ 'root/manifest': 2, 'root/csv-writer': 2, 'root/uploader': 2 })
    const crashes = plant.reports.filter(({ cause, decision }) => cause.type === 'exit' && decision === 'restart')
    expect(crashes).toMatchObject([{ path: 'root/manifest', restartsLeft: 4 }])
    await expectCleanStop(plant)
  })

  it('ends with a stop that comes meanwhile', async () => {
    const plant = await runPlant()
    plant.process.crash('root/manifest')
    await plant.fail('manifest.open', 'SQLITE_IOERR')
    await plant.pass(10)
    plant.process.stop()
    await plant.pass(60_000)
    expect(plant.process.end?.root).toMatchObject({ ended: 'asked' })
  })
})

describe('a manifest that crashes while the writer waits for a disk that refuses', () => {
  it('is restarted with it as soon as that one looks for it, and only its own crash is counted', async () => {
    const plant = await runPlant()
    plant.diskRefuses(true)
    plant.process.crash('root/csv-writer')
    await plant.pass(10_000)
    plant.process.crash('root/manifest')
    await plant.pass(10_000)
    expect(plant.idle).toEqual({ 'root/csv-writer': 'backingOff' })
    plant.diskRefuses(false)
    await plant.pass(60_000)
    expect(plant.idle).toEqual({})
    const crashes = plant.reports.filter(({ cause, decision }) => cause.type === 'exit' && decision === 'restart')
    expect(crashes).toMatchObject([
      { path: 'root/csv-writer', restartsLeft: 4 },
      { path: 'root/manifest', restartsLeft: 3 },
    ])
    await expectCleanStop(plant)
  })
})

describe('a manifest that somebody else stops while it is opened', () => {
  it('is closed before its next life opens it', async () => {
    const plant = await runPlant()
    const { calls } = plant.process
    const underWay = () => [...calls.hanging, ...calls.waiting].map(({ name }) => name)
    plant.process.crash('root/manifest')
    await plant.hang('manifest.open')
    plant.process.kill('root/manifest')
    await plant.pass(4_000)
    expect(underWay()).toEqual(['manifest.open'])
    expect(plant.process.states.get('root/manifest')).toBeUndefined()
    plant.release()
    await plant.hang('manifest.close')
    await plant.pass(1_000)
    expect(underWay()).toEqual(['manifest.close'])
    plant.release()
    await plant.pass(10_000)
    expect(plant.idle).toEqual({})
    await expectCleanStop(plant)
  })

  it('counts no boot and hands nothing on when it is open too late', async () => {
    const plant = await runPlant()
    plant.process.crash('root/manifest')
    await plant.hang('manifest.open')
    plant.process.kill('root/manifest')
    // Its disposer gives up, and the next life waits for it.
    await plant.pass(10_000)
    expect(plant.idle).toMatchObject({ 'root/manifest': 'opening' })
    plant.release()
    await plant.pass(1_000)
    // Looks for the manifest anew.
    plant.process.crash('root/uploader')
    await plant.pass(3_000)
    expect(plant.idle).toEqual({})
    expect(plant.process.daemon.state().boot).toBe(1)
  })
})

describe('an inference thread that hangs when its slot crashes', () => {
  it('is counted until it comes back, and holds up no stop after that', async () => {
    const plant = await runPlant()
    const workers = () => plant.process.daemon.state().inference.workers
    await plant.hang('models.run')
    await plant.pass(2_500)
    expect(workers()).toEqual({ wanted: 2, running: 2, busy: 0, wedged: 1, isShort: false })
    plant.process.crash('root/inference')
    await plant.pass(10_000)
    expect(plant.idle).toEqual({})
    expect(workers()).toEqual({ wanted: 2, running: 2, busy: 0, wedged: 1, isShort: false })
    plant.release()
    await plant.pass(100)
    expect(workers()).toEqual({ wanted: 2, running: 2, busy: 0, wedged: 0, isShort: false })
    await expectCleanStop(plant)
    expect(plant.process.end?.threadHangs).toBe(false)
  })
})

describe('a model’s file that is half copied when the slot of inference crashes', () => {
  it('costs no restart beyond that of the crash: the pool is loaded afresh', async () => {
    const plant = await runPlant()
    plant.process.crash('root/inference')
    await plant.fail('models.start', 'refused')
    await plant.pass(500)
    expect(plant.idle).toEqual({ 'root/inference': 'backingOff' })
    await plant.pass(2_000)
    expect(plant.idle).toEqual({})
    expect(plant.laterLives).toEqual({ 'root/inference': 2 })
    await expectCleanStop(plant)
  })
})

describe('inference threads of which all hang', () => {
  it('have everything else drained, and the process killed', async () => {
    const plant = await runPlant()
    await plant.hang('models.run')
    await plant.hang('models.run')
    await plant.pass(20_000)
    const { end, daemon } = plant.process
    if (end === undefined) throw new Error('The daemon goes on')
    expect(daemon.state().inference.workers.wedged).toBe(2)
    expect(conclude({ ...end, state: daemon.state() })).toMatchObject({ code: 137 })
    const accepted = end.accounts.reduce((sum, { rows }) => sum + rows.accepted, 0)
    expect(accepted).toBeGreaterThan(0)
    expect(plant.delivered()).toBe(accepted)
  })
})

describe('slots that crash while the writer waits for a disk that refuses', () => {
  it('are restarted all the same, and the writer goes on where it was once the disk answers', async () => {
    const plant = await runPlant()
    plant.diskRefuses(true)
    plant.process.crash('root/csv-writer')
    await plant.pass(60_000)
    expect(plant.idle).toEqual({ 'root/csv-writer': 'backingOff' })
    for (const slot of ['inspector', 'uploader', 'cameras']) plant.process.crash(`root/${slot}`)
    await plant.pass(10_000)
    expect(plant.idle).toEqual({ 'root/csv-writer': 'backingOff' })
    expect(plant.laterLives).toMatchObject({
      'root/csv-writer': 2,
      'root/inspector': 2,
      'root/uploader': 2,
      'root/cameras': 2,
    })
    plant.diskRefuses(false)
    await plant.pass(60_000)
    expect(plant.idle).toEqual({})
    await expectCleanStop(plant)
  })
})

describe('the group of cameras that crashes', () => {
  it('is restarted with its cameras, once nothing of their last lives is left, and touches no other slot', async () => {
    const plant = await runPlant()
    plant.process.crash('root/cameras')
    await plant.pass(10_000)
    expect(plant.idle).toEqual({})
    expect(plant.laterLives).toEqual({ 'root/cameras': 2, 'root/cameras/dock-1': 2, 'root/cameras/belt-2': 2 })
    expect(plant.opened.slice(2).toSorted()).toEqual(['belt-2', 'dock-1'])
    await expectCleanStop(plant)
  })
})

describe('a camera that crashes', () => {
  it('is started again after a wait, at no cost to anybody else', async () => {
    const plant = await runPlant()
    plant.process.crash('root/cameras/dock-1')
    await plant.pass(100)
    const waiting = plant.reports.findLast(({ path }) => path === 'root/cameras/dock-1')
    expect(waiting).toMatchObject({ decision: 'back_off', restartsLeft: 4 })
    await plant.pass(400)
    expect(plant.idle).toEqual({})
    expect(plant.laterLives).toEqual({ 'root/cameras/dock-1': 2 })
    expect(plant.opened.slice(2)).toEqual(['dock-1'])
    await expectCleanStop(plant)
  })

  it('more than five times in a minute is crashed, and is tried again every five minutes; the others go on', async () => {
    const plant = await runPlant()
    const path = 'root/cameras/dock-1'
    for (let crashes = 0; crashes < 6; crashes++) {
      plant.process.crash(path)
      await plant.pass(6_000)
    }
    expect(plant.idle).toEqual({ [path]: undefined })
    const waits = plant.reports.filter((report) => report.path === path && report.decision === 'back_off')
    expect(waits.map(({ delay }) => delay)).toEqual([250, 500, 1_000, 2_000, 4_000])
    expect(plant.reports.findLast((report) => report.path === path)).toMatchObject({ decision: 'crash', epoch: 6 })
    expect(plant.opened.filter((id) => id === 'belt-2')).toHaveLength(1)
    const before = plant.captured('belt-2')
    await plant.pass(293_000)
    expect(plant.idle).toEqual({ [path]: undefined })
    expect(plant.captured('belt-2')).toBeGreaterThan(before + 100)
    await plant.pass(2_000)
    expect(plant.idle).toEqual({})
    expect(plant.laterLives).toEqual({ [path]: 7 })
    await expectCleanStop(plant)
  })
})

describe('a slot that crashes more than five times in a minute', () => {
  it('ends the daemon: what can be drained is, in the order of a stop, and the exit code is 1', async () => {
    const plant = await runPlant()
    const { process, reports } = plant
    for (let crashes = 0; crashes < 5; crashes++) {
      process.crash('root/inspector')
      await plant.pass(5_000)
      expect(plant.idle).toEqual({})
    }
    process.crash('root/inspector')
    await plant.pass(10_000)
    expect(reports.find(({ decision }) => decision === 'give_up')).toMatchObject({
      path: 'root',
      cause: { type: 'budget_spent', of: 'inspector' },
    })
    const { end } = process
    if (end === undefined) throw new Error('It runs on')
    expect(conclude(end).code).toBe(1)
    const left = reports.filter(({ path, decision }) => decision === 'leave' && path.split('/').length === 2)
    expect(left.map(({ path }) => path.slice('root/'.length))).toEqual([
      'cameras',
      'inference',
      'csv-writer',
      'uploader',
      'manifest',
      'log',
    ])
    expect(end.root.children.filter(({ result }) => result !== 'drained').map(({ id }) => id)).toEqual([])
    const accepted = end.accounts.reduce((sum, { rows }) => sum + rows.accepted, 0)
    expect(plant.delivered()).toBe(accepted)
  })
})

describe('a slot and a camera that crash five times in any minute, and no more often', () => {
  it('are restarted each time', async () => {
    const plant = await runPlant()
    const paths = ['root/inspector', 'root/cameras/dock-1']
    for (let crashes = 0; crashes < 8; crashes++) {
      for (const path of paths) plant.process.crash(path)
      await plant.pass(13_000)
      expect(plant.idle).toEqual({})
    }
    expect(plant.laterLives).toEqual(Object.fromEntries(paths.map((path) => [path, 9])))
    await expectCleanStop(plant)
  })
})

describe('what the scan of a new writer has sealed', () => {
  it('is counted and delivered without waiting for another file', async () => {
    const plant = await runPlant((config) => ({
      ...config,
      csv: { ...config.csv, rotation: { ...config.csv.rotation, rows: 1_000, interval: minutes(5) } },
      sftp: { ...config.sftp, probeEvery: minutes(5) },
    }))
    await plant.pass(4_000)
    expect(plant.delivered()).toBe(0)
    plant.process.crash('root/csv-writer')
    await plant.pass(3_000)
    expect(plant.delivered()).toBeGreaterThan(0)
    expect(plant.process.daemon.state().uploader.files.delivered).toBeGreaterThan(0)
    await expectCleanStop(plant)
  })
})
