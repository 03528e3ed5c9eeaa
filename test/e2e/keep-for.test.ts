import Database from 'libsql'
import { existsSync } from 'node:fs'
import { readdir, rename } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { killLeftovers, startDaemon } from './support/daemon.ts'
import { createSite, losslessBelt, type Site } from './support/site.ts'

let site: Site
beforeEach(async () => {
  site = await createSite()
})
afterEach(async () => {
  killLeftovers()
  await site.tearDown()
})

interface Kept {
  readonly path: string
  readonly state: string
  readonly why: string | null
  /** From the delivery to the removal; null: not removed. */
  readonly keptMs: number | null
}

/** Every file, as the manifest has it. */
function kept(): Kept[] {
  const db = new Database(join(site.data, 'manifest.sqlite'), { readonly: true })
  const at = (state: string) => `(SELECT max(at) FROM events WHERE file_id = files.id AND to_state = '${state}')`
  try {
    return db
      .prepare(`SELECT path, state, why, ${at('removed')} - ${at('delivered')} AS keptMs FROM files`)
      .all() as Kept[]
  } finally {
    db.close()
  }
}

describe('a customer with OpenSSH whose consumer takes a file, and copies that are kept for 2 s', () => {
  it('has them deleted here only after that and a second look, as a kill shows', async () => {
    const { port, username, privateKeyFile, hostKeyFingerprint } = site.sshd
    const config = await site.configure([losslessBelt('belt-1', 20)], {
      csv: '{ rotation: { rows: 20, interval: 60s }, commitEvery: 20ms }',
      sftp: `{ host: 127.0.0.1, port: ${port}, username: ${username}, privateKeyFile: ${privateKeyFile}, hostKey: { fingerprint: '${hostKeyFingerprint}' }, keepFor: 2s, probeEvery: 100ms }`,
    })
    const daemon = startDaemon(config)
    const taken = await eventually('a file is on the server', async () => {
      const found = await readdir(site.delivered, { recursive: true })
      return found.find((path) => path.endsWith('.csv'))
    })
    await rename(join(site.delivered, taken), join(site.delivered, '..', basename(taken)))
    await daemon.until('three copies are deleted', ({ uploader }) => uploader.files.removed >= 3)
    await eventually('the copy of what was taken is deleted', () =>
      kept().find(({ path, state }) => path === taken && state === 'removed'),
    )
    daemon.signal('SIGKILL')
    await daemon.exit
    const files = kept()
    const removed = files.filter(({ state }) => state === 'removed')
    expect(removed.length).toBeGreaterThanOrEqual(3)
    for (const { keptMs } of removed) expect(keptMs).toBeGreaterThanOrEqual(2000)
    expect(removed.find(({ path }) => path === taken)?.why).toBe('gone from the server: its consumer took it')
    for (const { why } of removed.filter(({ path }) => path !== taken)) expect(why).toBe('still on the server')
    // The manifest first: a kill may leave a copy that nobody needs, and never the other way round.
    const missing = files.filter(({ path }) => !existsSync(join(site.data, path)))
    expect(missing.length).toBeGreaterThan(0)
    expect(missing.filter(({ state }) => state !== 'removed')).toEqual([])
  })
})
