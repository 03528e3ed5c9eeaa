import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startEmbeddedSftpServer } from '../../src/adapters/sftp/embedded-server.ts'
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

const refused = (daemon: ReturnType<typeof startDaemon>) =>
  daemon.until(
    'the uploader is refused, with files waiting',
    ({ actors, uploader }) =>
      uploader.files.pending > 0 && actors.some(({ path, state }) => path === 'root/uploader' && state === 'refused'),
  )
const why = ({ actors }: Awaited<ReturnType<typeof refused>>) =>
  actors.find(({ path }) => path === 'root/uploader')?.why

describe('a server with another host key', () => {
  it('gets nothing, and the state says which key was expected and which was found', async () => {
    const pinned = 'SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'
    const { port, username, privateKeyFile, hostKeyFingerprint } = site.sshd
    const sftp = `{ host: 127.0.0.1, port: ${port}, username: ${username}, privateKeyFile: ${privateKeyFile}, hostKey: { fingerprint: '${pinned}' } }`
    const daemon = startDaemon(await site.configure([losslessBelt('belt-1')], { sftp }))
    const state = await refused(daemon)
    expect(why(state)).toContain(`shows host key ${hostKeyFingerprint}, expected ${pinned}. Nothing was sent.`)
    expect(state.uploader.connected).toBe(false)
    daemon.signal('SIGTERM')
    expect(await daemon.exit).toEqual({ code: 0, signal: null })
    expect(await readdir(site.delivered)).toEqual([])
    // No authentication was even tried.
    expect(site.sshd.log).not.toMatch(/Accepted|Failed (password|publickey)/)
  })
})

describe('a server that refuses the password', () => {
  it('gets nothing, is told apart from a wrong host key, and the password is nowhere to be read', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'belay-refusal-'))
    const server = await startEmbeddedSftpServer({ folder: join(folder, 'delivered'), password: 'the right one' })
    try {
      await writeFile(join(folder, 'password'), 'hunter2-is-wrong\n')
      const sftp = `{ host: 127.0.0.1, port: ${server.port}, username: ${server.username}, passwordFile: ${join(folder, 'password')}, hostKey: { fingerprint: '${server.hostKeyFingerprint}' } }`
      const daemon = startDaemon(await site.configure([losslessBelt('belt-1')], { sftp }))
      const state = await refused(daemon)
      expect(why(state)).toMatch(/refuses the key or password of belay/)
      daemon.signal('SIGTERM')
      expect(await daemon.exit).toEqual({ code: 0, signal: null })
      expect(await readdir(join(folder, 'delivered'))).toEqual([])
      expect(JSON.stringify([state, daemon.log, daemon.stderr])).not.toContain('hunter2')
    } finally {
      await server.close()
      await rm(folder, { recursive: true, force: true })
    }
  })
})
