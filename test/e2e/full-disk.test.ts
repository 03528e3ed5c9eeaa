import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { gather } from '../../scripts/torture/evidence.ts'
import { Lookout } from '../../scripts/torture/lookout.ts'
import { faultsOf } from '../../scripts/torture/verdict.ts'
import { startFullServer } from '../adapters/sftp/full-server.ts'
import { mountSmallDisk, ownSmallDisk, pretendSmallDisk, type SmallDisk } from '../support/small-disk.ts'
import { killLeftovers, startDaemon } from './support/daemon.ts'
import { statesOf } from './support/log.ts'
import { createSite, losslessBelt, type Site } from './support/site.ts'
import { soonAgain } from './support/soon-again.ts'

let site: Site
let disks: SmallDisk[]
beforeEach(async () => {
  site = await createSite()
  disks = []
})
afterEach(async () => {
  killLeftovers()
  for (const disk of disks) await disk.unmount()
  await rm(site.data, { recursive: true, force: true })
  await site.tearDown()
})

/** A disk of 1 MiB for the data folder, of which somebody else has taken `taken` bytes: the first kind that we may have. */
async function smallData(taken: number, kinds: readonly (typeof mountSmallDisk)[]): Promise<SmallDisk> {
  let disk: SmallDisk | undefined
  for (const kind of kinds) disk ??= await kind(site.data, 1)
  disk ??= await pretendSmallDisk(site.data, 1)
  disks.push(disk)
  const [program = '', ...words] = [...disk.inside, 'sh', '-c', 'head -c "$1" /dev/urandom > "$0"']
  await promisify(execFile)(program, [...words, join(site.data, 'ballast'), String(taken)])
  return disk
}

/** The customer's server, on a disk of 1 MiB of which `taken` bytes are taken: OpenSSH's, or where nobody may mount, our own. */
async function smallServer(
  taken: number,
): Promise<{ sftp: { sftp?: string }; resize(mebibytes: number): Promise<void> }> {
  const disk = await mountSmallDisk(site.delivered, 1)
  if (disk !== undefined) disks.push(disk)
  await writeFile(join(site.delivered, 'ballast'), randomBytes(taken))
  if (disk !== undefined) return { sftp: {}, resize: (mebibytes) => disk.resize(mebibytes) }
  const server = await startFullServer({ folder: site.delivered, capacityBytes: 1_048_576, tellsRoom: true })
  disks.push({
    environment: {},
    inside: [],
    show: () => Promise.resolve(),
    resize: () => Promise.resolve(),
    unmount: () => server.close(),
  })
  const { port, hostKeyFingerprint } = server
  const section = `{ host: 127.0.0.1, port: ${port}, username: belay, privateKeyFile: ${site.sshd.privateKeyFile}, hostKey: { fingerprint: '${hostKeyFingerprint}' } }`
  return {
    sftp: { sftp: section },
    resize: async (mebibytes) => void (server.capacityBytes = mebibytes * 1_048_576),
  }
}

const sections = {
  csv: '{ rotation: { rows: 240, interval: 2s }, commitEvery: 20ms }',
  log: '{ format: json, level: debug }',
}
const cameras = [losslessBelt('belt-1', 120), losslessBelt('belt-2', 120)]

describe('a data folder whose disk is full', () => {
  it.each([
    {
      ...{ what: 'to the last byte', taken: 400_000, kinds: [ownSmallDisk, mountSmallDisk] },
      disk: '{ warnBelow: 0B, pauseBelow: 0B, reserve: 256KiB }',
      why: /ENOSPC|SQLITE_FULL/,
    },
    {
      ...{ what: 'up to the mark', taken: 110_000, kinds: [mountSmallDisk, ownSmallDisk] },
      disk: '{ warnBelow: 700KiB, pauseBelow: 400KiB, reserve: 128KiB }',
      why: /less than disk\.pauseBelow \(410 kB\); rows wait until 451 kB are free$/,
    },
  ])(
    '$what holds rows back and says so; with room again everything arrives, each row once',
    async ({ taken, kinds, disk, why }) => {
      const data = await smallData(taken, kinds)
      // Nothing leaves meanwhile, and nothing that was sealed may be lost for it.
      await site.sshd.kill()
      const config = await site.configure(cameras, { ...sections, disk })
      const daemon = startDaemon(config, soonAgain(data.environment), [], undefined, data.inside)
      const full = await daemon.until('the writer is blocked', ({ writer }) => writer.blocked !== null)
      expect(full.writer.blocked).toMatch(why)
      const rows = full.cameras.map((camera) => camera.rows.accepted)
      expect(Math.min(...rows)).toBeGreaterThan(0)
      await daemon.until('what was accepted is sealed and in the manifest', ({ uploader, cameras: now }) => {
        const accepted = now.reduce((sum, camera) => sum + camera.rows.accepted, 0)
        return uploader.rows.pending + uploader.rows.sending === accepted
      })
      await data.resize(32)
      await site.sshd.restart()
      await daemon.until(
        'rows go on',
        ({ writer, cameras: now }) =>
          writer.blocked === null && now.every((camera, index) => camera.rows.accepted > (rows[index] ?? 0) + 100),
      )
      await daemon.until('what waited has arrived', ({ uploader }) => uploader.files.delivered >= 5)
      daemon.signal('SIGTERM')
      expect(await daemon.exit).toEqual({ code: 0, signal: null })
      await data.show()
      const evidence = await gather(site, daemon.log)
      expect(faultsOf(evidence)).toEqual([])
      // Lossless: what the full disk did not take, waited.
      for (const camera of ['belt-1', 'belt-2']) {
        const frames = evidence.rows.filter((row) => row.camera === camera).map(({ frame }) => frame)
        expect(frames.sort((a, b) => a - b)).toEqual(frames.map((_, index) => index + 1))
      }
      expect(statesOf(daemon.log, 'root/csv-writer').map(({ state }) => state)).toContain('blocked')
    },
  )
})

describe("a customer's server whose disk is full", () => {
  it('shows nothing that is not whole, is said to be full, and gets everything once it has room', async () => {
    const disk = await smallServer(1_000_000)
    const lookout = new Lookout(site.delivered, ['belt-1/classifier', 'belt-2/classifier'])
    const daemon = startDaemon(await site.configure(cameras, { ...sections, ...disk.sftp }), soonAgain())
    const isFull = () => statesOf(daemon.log, 'root/uploader').some(({ state }) => state === 'full')
    await daemon.until('the server is said to be full', isFull, 120)
    await disk.resize(64)
    // What was in hand when the server was found full may still arrive: that is not all that waited.
    await daemon.until('all that waited has arrived', ({ uploader: { connected, files } }) => {
      return connected && files.pending + files.sending === 0
    })
    daemon.signal('SIGTERM')
    expect(await daemon.exit).toEqual({ code: 0, signal: null })
    const sightings = await lookout.end()
    expect(sightings.size).toBeGreaterThan(0)
    expect(faultsOf(await gather(site, daemon.log, sightings))).toEqual([])
  })
})
