import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import type { ActorView, DaemonState } from '../../src/inspection-feed/protocol.ts'
import { gather, readManifest } from '../../scripts/torture/evidence.ts'
import { faultsOf } from '../../scripts/torture/verdict.ts'
import { eventually } from '../support/eventually.ts'
import { isAlive, killLeftovers, startDaemon } from './support/daemon.ts'
import { fileAccountOf } from './support/log.ts'
import { createSite, losslessBelt, type Row, rtspCamera, type Site } from './support/site.ts'
import { soonAgain } from './support/soon-again.ts'

let site: Site
beforeEach(async () => {
  site = await createSite()
})
afterEach(async () => {
  killLeftovers()
  await site.tearDown()
})

const actorOf = ({ actors }: DaemonState, path: string): ActorView | undefined =>
  actors.find((actor) => actor.path === path)
const stateOf = (state: DaemonState, path: string): string | undefined => actorOf(state, path)?.state

const endAll = async (pids: readonly number[]): Promise<void> => {
  for (const pid of pids) if (await isAlive(pid)) process.kill(pid, 'SIGKILL')
}

describe('a daemon that is killed', () => {
  it('has lost no accepted row and leaves nothing running; the next start delivers each row once', async () => {
    const camera = await site.camera()
    // At this level the log is a witness of each row that was accepted.
    const log = '{ format: json, level: debug }'
    const file = await site.configure([losslessBelt('belt-1'), rtspCamera('dock-1', camera.url)], { log })
    const first = startDaemon(file)
    await first.until(
      'rows of both cameras, some of them delivered',
      ({ cameras, uploader }) => uploader.rows.delivered > 20 && cameras.every(({ rows }) => rows.accepted > 40),
    )
    const children = await first.children()
    expect(children.length).toBeGreaterThan(0)
    onTestFinished(() => endAll(children))
    // Stopped, none of them notices by itself that nobody reads it any more.
    for (const pid of children) process.kill(pid, 'SIGSTOP')
    first.signal('SIGKILL')
    expect(await first.exit).toEqual({ code: null, signal: 'SIGKILL' })
    await eventually('its ffmpeg is gone too', async () =>
      (await Promise.all(children.map(isAlive))).includes(true) ? undefined : true,
    )

    const second = startDaemon(file)
    await second.until(
      'rows of the second start',
      ({ boot, uploader, cameras }) =>
        boot === 2 && uploader.files.pending === 0 && cameras.every(({ rows }) => rows.accepted > 10),
    )
    second.signal('SIGTERM')
    expect(await second.exit).toEqual({ code: 0, signal: null })

    const evidence = await gather(site, [...first.log, ...second.log])
    const { rows, commits } = evidence
    expect(faultsOf(evidence)).toEqual([])
    for (const boot of [1, 2])
      expect(new Set(commits.filter((commit) => commit.boot === boot).map(({ series }) => series)).size).toBe(3)
    expect(fileAccountOf(second.log)).toMatchObject({
      files: { pending: 0, sending: 0, conflict: 0, refused: 0 },
      rows: { delivered: rows.length },
    })
    // The lossless camera says more: a row for every frame from the first on, and none missing in between.
    expect(framesOf(rows, 1)).toEqual(fromOne(framesOf(rows, 1).length))
    expect(framesOf(rows, 2)).toEqual(fromOne(framesOf(rows, 2).length))
  })
})

describe('a daemon that is looked at with other programs, and killed', () => {
  it('has its manifest’s log until the end: everything that it had called delivered is so at the next start', async () => {
    const first = startDaemon(await site.configure([losslessBelt('belt-1')]))
    await first.until('files are delivered', ({ uploader }) => uploader.files.delivered >= 1)
    const manifest = join(site.data, 'manifest.sqlite')
    await promisify(execFile)('sqlite3', [manifest, 'SELECT count(*) FROM files'])
    const { uploader } = await first.state()
    const enough = uploader.files.delivered + 2
    const before = await first.until('more are delivered', ({ uploader: { files } }) => files.delivered >= enough)
    first.signal('SIGKILL')
    await first.exit
    const delivered = readManifest(site.data).filter(({ state }) => state === 'delivered')
    expect(delivered.length).toBeGreaterThanOrEqual(before.uploader.files.delivered)
  })
})

/** Frames of the drawn belt; the first of a stream has no predecessor for the classifier. */
const framesOf = (rows: readonly Row[], boot: number): number[] =>
  rows
    .filter((row) => row.boot === boot && row.camera === 'belt-1')
    .map(({ frame }) => frame)
    .sort((a, b) => a - b)

const fromOne = (length: number): number[] => Array.from({ length }, (_, index) => index + 1)

describe('a camera that refuses, drops and stalls, beside one whose address is wrong', () => {
  it('is lost and found again each time, with reasons, while the others go on and everything is delivered', async () => {
    const camera = await site.camera()
    const daemon = startDaemon(
      await site.configure([
        rtspCamera('dock-1', camera.url),
        rtspCamera('nowhere', 'rtsp://127.0.0.1:9/stream'),
        rtspCamera('no-path', camera.url.replace(/stream$/, 'attic')),
        losslessBelt('belt-1', 5),
      ]),
      soonAgain(),
    )
    const dock = 'root/cameras/dock-1'
    const streams = (state: DaemonState) => stateOf(state, dock)?.endsWith('streaming') ?? false
    const waits = (state: DaemonState) => stateOf(state, dock) === 'backingOff'
    const all = await daemon.until(
      'dock-1 streams, the wrong ones back off',
      (state) =>
        streams(state) && ['nowhere', 'no-path'].every((id) => stateOf(state, `root/cameras/${id}`) === 'backingOff'),
    )
    expect(actorOf(all, 'root/cameras/nowhere')?.why).toMatch(/^Camera nowhere cannot be reached: .*refused/i)
    expect(actorOf(all, 'root/cameras/no-path')?.why).toMatch(/^Camera no-path has no such stream or file: .*404/)

    camera.drop()
    expect(actorOf(await daemon.until('the drop is noticed', waits), dock)?.why).toMatch(
      /^Camera dock-1 stopped sending/,
    )
    const belt = await daemon.until('dock-1 streams again after the drop', streams)
    camera.stall()
    expect(actorOf(await daemon.until('the silence is noticed', waits), dock)?.why).toBe(
      'Camera dock-1 is connected but has sent no picture for 2 s',
    )
    await camera.refuse(true)
    camera.resume()
    const refused = await daemon.until('the refusal is noticed', (state) =>
      /refused/i.test(actorOf(state, dock)?.why ?? ''),
    )
    await camera.refuse(false)
    const found = await daemon.until('dock-1 streams again after the refusal', streams)
    const beltRows = ({ cameras }: DaemonState) => cameras.find(({ id }) => id === 'belt-1')?.rows.accepted ?? 0
    expect([beltRows(belt), beltRows(refused), beltRows(found)]).toEqual(
      [beltRows(belt), beltRows(refused), beltRows(found)].toSorted((a, b) => a - b),
    )
    expect(beltRows(found)).toBeGreaterThan(beltRows(belt))
    // None of it was the supervisor's business.
    expect(actorOf(found, dock)?.restartsLeft).toBe(5)

    daemon.signal('SIGTERM')
    expect(await daemon.exit).toEqual({ code: 0, signal: null })
    const { files, rows } = fileAccountOf(daemon.log)
    expect(files).toMatchObject({ pending: 0, sending: 0, conflict: 0, refused: 0 })
    expect((await site.deliveredRows()).length).toBe(rows.delivered)
  })
})

describe("a customer's server that is down at the start and comes up later", () => {
  it('is waited for, and then gets everything', async () => {
    await site.sshd.kill()
    const daemon = startDaemon(await site.configure([losslessBelt('belt-1')]), soonAgain())
    const down = await daemon.until(
      'files wait for a server that is away',
      (state) => state.uploader.files.pending >= 2 && stateOf(state, 'root/uploader') === 'backingOff',
    )
    expect(actorOf(down, 'root/uploader')?.why).toMatch(/cannot be reached: .*ECONNREFUSED/)
    expect(stateOf(down, 'root/cameras/belt-1')).toMatch(/streaming$/)
    await site.sshd.restart()
    await daemon.until('the files that waited are delivered', ({ uploader }) => uploader.files.delivered >= 2)
    daemon.signal('SIGTERM')
    expect(await daemon.exit).toEqual({ code: 0, signal: null })
    const rows = await site.deliveredRows()
    expect(framesOf(rows, 1)).toEqual(fromOne(rows.length))
  })
})
