import { beforeEach, describe, expect, it } from 'vitest'
import { SftpUnknownOutcomeError } from '../../src/domain/delivery-errors.ts'
import type { SftpConnector, SftpSession } from '../../src/ports/sftp-session.ts'

/** A server with an empty login folder. */
export interface SftpUnderTest {
  readonly server: SftpConnector
  /** Whether it has statvfs@openssh.com. */
  readonly tellsRoom: boolean
  /** Whether it has fsync@openssh.com. */
  readonly syncs: boolean
  /** It answers nothing from now on, and keeps its connections. One that cannot do that answers later than it is asked to lose them. */
  fallSilent?(): unknown
  /** Cuts its connections from the server's side, without a farewell. */
  lose(): unknown
}

const never = new AbortController().signal
const bytes = (text: string) => new TextEncoder().encode(text)

/** What every SFTP session promises. */
export function sftpSessionContract(start: () => Promise<SftpUnderTest>): void {
  let under: SftpUnderTest
  let session: SftpSession
  beforeEach(async () => {
    under = await start()
    session = await under.server.connect(never)
    return () => session.end()
  })

  const put = async (path: string, text: string) => {
    const handle = await session.open(path, 'w')
    await session.write(handle, bytes(text), 0)
    await session.close(handle)
  }
  const get = async (path: string) => {
    const handle = await session.open(path, 'r')
    const into = Buffer.alloc(100)
    const count = await session.read(handle, into, 0)
    await session.close(handle)
    return into.toString('utf8', 0, count)
  }
  const refused = (status: string) => ({ code: 'sftp.status', status })

  describe('a file', () => {
    it('holds what was written to it, at the positions named', async () => {
      const handle = await session.open('a.csv', 'wx')
      await session.write(handle, bytes('world'), 6)
      await session.write(handle, bytes('hello '), 0)
      expect(await session.fstat(handle)).toEqual({ size: 11, isFolder: false })
      await session.close(handle)
      expect(await get('a.csv')).toBe('hello world')
    })

    it('is read from a position, and has nothing to read at its end', async () => {
      await put('a.csv', 'hello world')
      const handle = await session.open('a.csv', 'r')
      const into = Buffer.alloc(5)
      expect(await session.read(handle, into, 6)).toBe(5)
      expect(into.toString()).toBe('world')
      expect(await session.read(handle, into, 9)).toBe(2)
      expect(await session.read(handle, into, 11)).toBe(0)
      await session.close(handle)
    })

    it('takes writes of the largest size, several in flight', async () => {
      const content = Buffer.alloc(session.maxWriteBytes * 3 + 17)
      for (let at = 0; at < content.length; at++) content[at] = (at * 31 + (at >> 8)) & 0xff
      const handle = await session.open('large.bin', 'w')
      const positions = [0, 1, 2, 3].map((index) => index * session.maxWriteBytes)
      await Promise.all(
        positions.map((at) => session.write(handle, content.subarray(at, at + session.maxWriteBytes), at)),
      )
      const synced = session.fsync(handle)
      const attributes = session.fstat(handle)
      await session.close(handle)
      expect(await synced).toBe(under.syncs)
      expect((await attributes).size).toBe(content.length)
      const again = await session.open('large.bin', 'r')
      const found = Buffer.alloc(content.length)
      for (let at = 0; at < found.length;) {
        const count = await session.read(again, found.subarray(at), at)
        if (count === 0) break
        at += count
      }
      await session.close(again)
      expect(found.equals(content)).toBe(true)
    })

    it('is synced by a handle that only reads, and by one that only creates', async () => {
      const created = await session.open('a.csv', 'wx')
      await session.write(created, bytes('hello'), 0)
      expect(await session.fsync(created)).toBe(under.syncs)
      await session.close(created)
      const read = await session.open('a.csv', 'r')
      expect(await session.fsync(read)).toBe(under.syncs)
      await session.close(read)
    })

    it('is emptied by w, and not touched by wx', async () => {
      await put('a.csv', 'hello')
      await expect(session.open('a.csv', 'wx')).rejects.toMatchObject(refused('failure'))
      expect(await get('a.csv')).toBe('hello')
      await session.close(await session.open('a.csv', 'w'))
      expect(await session.stat('a.csv')).toEqual({ size: 0, isFolder: false })
    })

    it('is refused where it or its folder is missing', async () => {
      await expect(session.open('a.csv', 'r')).rejects.toMatchObject(refused('no-such-file'))
      await expect(session.open('nowhere/a.csv', 'w')).rejects.toMatchObject(refused('no-such-file'))
      await expect(session.unlink('a.csv')).rejects.toMatchObject(refused('no-such-file'))
    })

    it('is gone after unlink', async () => {
      await put('a.csv', 'hello')
      await session.unlink('a.csv')
      expect(await session.stat('a.csv')).toBeUndefined()
    })

    it('is not reached by a handle that was closed', async () => {
      const handle = await session.open('a.csv', 'w')
      await session.close(handle)
      await expect(session.write(handle, bytes('late'), 0)).rejects.toMatchObject({ code: 'sftp.status' })
    })
  })

  describe('the room on the server', () => {
    it('is told in bytes and names, or not at all', async () => {
      const room = await session.room('.')
      if (room === undefined) return expect(under.tellsRoom).toBe(false)
      expect(room.bytes).toBeGreaterThan(0)
      expect(room.files).toBeGreaterThan(0)
      expect(under.tellsRoom).toBe(true)
    })
  })

  describe('a rename', () => {
    it('moves the file', async () => {
      await put('a.part', 'hello')
      await session.mkdir('sub')
      await session.rename('a.part', 'sub/a.csv')
      expect(await session.stat('a.part')).toBeUndefined()
      expect(await get('sub/a.csv')).toBe('hello')
    })
    it('never replaces a file', async () => {
      await put('a.part', 'ours')
      await put('a.csv', 'theirs')
      await expect(session.rename('a.part', 'a.csv')).rejects.toMatchObject(refused('failure'))
      expect(await get('a.part')).toBe('ours')
      expect(await get('a.csv')).toBe('theirs')
    })
    it('is refused where there is nothing to move', async () => {
      await expect(session.rename('a.part', 'a.csv')).rejects.toMatchObject(refused('no-such-file'))
    })
  })

  describe('a folder', () => {
    it('lists what is in it', async () => {
      await session.mkdir('sub')
      await session.mkdir('sub/deeper')
      await put('sub/a.csv', 'hello')
      expect(await session.stat('sub')).toMatchObject({ isFolder: true })
      const entries = await session.readdir('sub')
      expect(
        entries.map(({ name, isFolder }) => ({ name, isFolder })).sort((a, b) => (a.name < b.name ? -1 : 1)),
      ).toEqual([
        { name: 'a.csv', isFolder: false },
        { name: 'deeper', isFolder: true },
      ])
      expect(await session.readdir('sub/deeper')).toEqual([])
    })
    it('is removed where it is empty, and only there', async () => {
      await session.mkdir('sub')
      await put('sub/a.csv', 'hello')
      await expect(session.rmdir('sub')).rejects.toMatchObject(refused('failure'))
      await session.unlink('sub/a.csv')
      await session.rmdir('sub')
      expect(await session.stat('sub')).toBeUndefined()
      await expect(session.rmdir('sub')).rejects.toMatchObject(refused('no-such-file'))
    })
    it('is refused where it exists, or where the one above is missing', async () => {
      await session.mkdir('sub')
      await expect(session.mkdir('sub')).rejects.toMatchObject(refused('failure'))
      await expect(session.mkdir('nowhere/sub')).rejects.toMatchObject(refused('no-such-file'))
      await expect(session.readdir('nowhere')).rejects.toMatchObject(refused('no-such-file'))
    })
  })

  describe('a connection that is lost', () => {
    it('settles everything that is in flight, as unknown, and says why it closed', async () => {
      const handle = await session.open('a.csv', 'w')
      await under.fallSilent?.()
      const asked = Array.from({ length: 50 }, (_, index) => session.write(handle, bytes('x'), index))
      const results = Promise.allSettled(asked)
      await under.lose()
      expect(await session.closed).not.toBe('')
      const failures = (await results).flatMap((result) =>
        result.status === 'rejected' ? [result.reason as unknown] : [],
      )
      expect(failures.length).toBeGreaterThan(0)
      for (const failure of failures) expect(failure).toBeInstanceOf(SftpUnknownOutcomeError)
      await expect(session.stat('a.csv')).rejects.toThrow(SftpUnknownOutcomeError)
    })
  })

  describe('a session that is ended', () => {
    it('is closed, and refuses further requests', async () => {
      await session.end()
      expect(await session.closed).toBe('the session was ended')
      await expect(session.stat('a.csv')).rejects.toThrow(SftpUnknownOutcomeError)
      await session.end()
    })
  })
}
