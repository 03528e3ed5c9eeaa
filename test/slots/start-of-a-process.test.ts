import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { epochMs, minutes } from '../../src/domain/units.ts'
import { Estate } from '../simulation/simulated-process.ts'
import { runPlant } from './run-plant.ts'

/** What a data folder with a manifest that can be copied outlives processes by. */
function estateWithCopies() {
  const estate = new Estate()
  Object.assign(estate.manifest, { copyTo: async (path: string) => estate.disk.put(path, 'manifest') })
  return { estate, backups: () => estate.disk.paths.filter((path) => path.startsWith('backups/')) }
}

describe('each start of a daemon', () => {
  it('copies the manifest, and keeps as many of the newest copies as are configured', async () => {
    const { estate, backups } = estateWithCopies()
    const first = await runPlant(undefined, estate)
    expect(backups()).toEqual([expect.stringMatching(/^backups\/\d{8}T\d{9}Z_1_manifest\.sqlite$/)])
    first.process.stop()
    await first.pass(20_000)
    expect(first.process.end?.root).toMatchObject({ ended: 'asked' })
    // One is kept here.
    await runPlant((config) => ({ ...config, backups: { keep: 1 } }), estate)
    expect(backups()).toEqual([expect.stringMatching(/^backups\/\d{8}T\d{9}Z_2_manifest\.sqlite$/)])
  })
})

describe('a start that finds an open file whose header is not ours', () => {
  it('sets it aside, and warns: it may hold rows that were accepted', async () => {
    const estate = new Estate()
    const name = 'dock-1_model_20260101T000000000Z_1-000001.csv'
    estate.disk.put(`open/${name}.open`, 'a header of somebody else\n')
    const { warnings } = await runPlant(undefined, estate)
    const setAside = [{ path: `open/${name}.broken`, why: 'its header is not ours' }]
    expect(warnings).toMatchObject([{ fact: 'scanned the data folder', fields: { setAside } }])
  })
})

describe('a start that finds a file gone that was to be packed', () => {
  it('refuses it, and warns: it is set aside as any other that is no longer what was sealed', async () => {
    const estate = new Estate()
    const path = 'dock-1/model/dock-1_model_20251231T000000000Z_7-000001.csv'
    await estate.manifest.add({ path, bytes: 9, sha256: 'ab', rows: 1, priority: 5 }, epochMs(0), 'held')
    const plant = await runPlant(
      (config) => ({ ...config, csv: { ...config.csv, pack: { as: 'gzip', files: 1, interval: minutes(5) } } }),
      estate,
    )
    await plant.pass(2_000)
    const why = `Sealed file ${path} is not what was sealed: it is gone. It was not delivered`
    expect(plant.warnings).toMatchObject([{ fact: 'file.refused', fields: { path, why, rows: 1, sha256: 'ab' } }])
    expect(plant.process.daemon.state().uploader.files.refused).toBe(1)
  })
})

describe('files of cameras of different priority', () => {
  it('have that of their camera in the manifest, by which they are claimed', async () => {
    const priorities: Readonly<Record<string, number>> = { 'dock-1': 9, 'belt-2': 2 }
    const estate = new Estate()
    const plant = await runPlant(
      (config) => ({
        ...config,
        cameras: config.cameras.map((camera) => ({ ...camera, priority: priorities[camera.id] ?? 5 })),
      }),
      estate,
    )
    await plant.pass(10_000)
    const found = estate.manifest.entries.map(({ path, priority }) => `${path.split('/')[0]} ${priority}`)
    expect([...new Set(found)].toSorted()).toEqual(['belt-2 2', 'dock-1 9'])
  })
})

describe('an uploader with 250 files before it', () => {
  it('has 100 of them in hand at most: the manifest is the queue', async () => {
    const estate = new Estate()
    const { disk, manifest } = estate
    for (let sequence = 1; sequence <= 250; sequence++) {
      const text = `content ${sequence}`
      const path = `dock-1/model/dock-1_model_20260101T000000000Z_1-${String(sequence).padStart(6, '0')}.csv`
      disk.put(path, text)
      const sha256 = createHash('sha256').update(text).digest('hex')
      await manifest.add({ path, bytes: text.length, sha256, rows: 1, priority: 5 }, epochMs(0))
    }
    const plant = await runPlant(undefined, estate)
    await plant.pass(10_000)
    let [inHand, most] = [0, 0]
    for (const { from, to } of manifest.changes) {
      if (to === 'sending') inHand++
      if (from === 'sending') inHand--
      most = Math.max(most, inHand)
    }
    expect(most).toBe(100)
    expect((await manifest.counts()).delivered).toBeGreaterThan(250)
  })
})

describe('a start on a disk that is full', () => {
  it('gives up the room that was set aside, so that the manifest can begin a boot', async () => {
    const estate = new Estate()
    estate.disk.put('belay.reserve', 'x'.repeat(200))
    estate.disk.capacity = estate.disk.used
    const { process } = await runPlant(undefined, estate)
    expect(process.states.get('root/manifest')).toBe('open')
  })

  it('fails where none was set aside, for the service manager to try it again', async () => {
    const estate = new Estate()
    estate.disk.put('ballast', 'x')
    estate.disk.capacity = estate.disk.used
    const { process } = await runPlant(undefined, estate)
    expect(process.end?.root).toMatchObject({ ended: 'start_failed' })
  })
})
