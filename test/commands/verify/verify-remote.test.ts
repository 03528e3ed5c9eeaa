import { describe, expect, it } from 'vitest'
import { verifyRemote } from '../../../src/commands/verify/verify-remote.ts'
import type { Finding } from '../../../src/commands/verify/verify-finding.ts'
import { temporaryPath } from '../../../src/delivery/remote-names.ts'
import { SftpUnknownOutcomeError } from '../../../src/domain/delivery-errors.ts'
import { epochMs } from '../../../src/domain/units.ts'
import { sealed } from '../../delivery/start-delivery.ts'
import type { SftpSession } from '../../../src/ports/sftp-session.ts'
import { MemoryManifest } from '../../fakes/memory-manifest.ts'
import { MemorySftpServer } from '../../fakes/memory-sftp.ts'

describe('a server that does not let its temporary files be removed', () => {
  it('is told for each of them, and nothing else that was found is lost', async () => {
    const names = { folder: '.', temporary: 'folder' } as const
    const [manifest, server] = [new MemoryManifest(), new MemorySftpServer()]
    const file = sealed(1, 'rows\n')
    await manifest.add(file, epochMs(1))
    await manifest.claim(1, epochMs(2))
    await manifest.delivered(1, epochMs(3))
    const left = ['00beef', '00feed'].map((attempt) => temporaryPath(names, file, attempt))
    for (const path of left) server.put(path, 'x')
    server.fault = ({ name, path }) => (name === 'unlink' && path === left[0] ? 'permission-denied' : undefined)
    const session = await server.connect(new AbortController().signal)
    const found: Finding[] = []
    for await (const finding of verifyRemote(manifest, { session, names, verify: 'size', repair: true })) {
      found.push(finding)
    }
    const what = 'is what a try left behind on the server'
    expect(found).toEqual([
      { path: file.path, what: 'was delivered, and is gone from the server', grade: 'note' },
      { path: left[0], what: expect.stringMatching(`^${what}, and cannot be removed: `) as string, grade: 'fault' },
      { path: left[1], what, grade: 'mended' },
    ])
  })
})

describe('a server that does not answer', () => {
  const names = { folder: '.', temporary: 'folder' } as const

  it.each(['stat', 'readdir', 'unlink'])(
    'has the look fail, and nothing is said of the file: %s',
    async (unanswered) => {
      const [manifest, server] = [new MemoryManifest(), new MemorySftpServer()]
      const file = sealed(1, 'rows\n')
      await manifest.add(file, epochMs(1))
      server.put(temporaryPath(names, file, '00beef'), 'x')
      server.fault = ({ name }) => (name === unanswered ? 'deadline' : undefined)
      const session = await server.connect(new AbortController().signal)
      const findings = verifyRemote(manifest, { session, names, verify: 'size', repair: true })
      await expect(findings.next()).rejects.toThrow(SftpUnknownOutcomeError)
    },
  )
})

describe('many files', () => {
  it('are all looked at, but those that were never sent by themselves', async () => {
    const names = { folder: '.', temporary: 'folder' } as const
    const [manifest, server] = [new MemoryManifest(), new MemorySftpServer()]
    const files = Array.from({ length: 20 }, (_, index) => sealed(index + 1, 'rows\n'))
    for (const file of files) await manifest.add(file, epochMs(1))
    for (const { id } of await manifest.claim(20, epochMs(2))) await manifest.delivered(id, epochMs(3))
    const member = sealed(21, 'rows\n')
    await manifest.add(member, epochMs(4), 'held')
    await manifest.pack(
      [member.path],
      { ...sealed(22, 'packed'), path: member.path.replace('.csv', '.tar.gz') },
      epochMs(5),
    )
    server.put(member.path, 'of somebody else')
    const session = await server.connect(new AbortController().signal)
    const found: Finding[] = []
    for await (const finding of verifyRemote(manifest, { session, names, verify: 'size', repair: false }))
      found.push(finding)
    const what = 'was delivered, and is gone from the server'
    expect(found).toEqual(files.map(({ path }) => ({ path, what, grade: 'note' })))
  })
})

describe('a server that shows something else under the names of files', () => {
  const names = { folder: '.', temporary: 'folder' } as const
  const delivered = async (manifest: MemoryManifest, sequence: number, content = 'rows\n') => {
    const file = sealed(sequence, content)
    await manifest.add(file, epochMs(1))
    await manifest.claim(1, epochMs(2))
    await manifest.delivered(sequence, epochMs(3))
    return file
  }
  const look = async (manifest: MemoryManifest, session: SftpSession): Promise<Finding[]> => {
    const found: Finding[] = []
    const remote = { session, names, verify: 'size', repair: true } as const
    for await (const finding of verifyRemote(manifest, remote)) found.push(finding)
    return found
  }

  it('is told of a folder that is as long as the file, and nothing of what was removed here', async () => {
    const [manifest, server] = [new MemoryManifest(), new MemorySftpServer()]
    const [folder, removed] = [await delivered(manifest, 1), await delivered(manifest, 2)]
    await manifest.removed(2, 'still on the server', epochMs(4))
    server.put(removed.path, 'longer than it was')
    const session = await server.connect(new AbortController().signal)
    const stat = session.stat.bind(session)
    session.stat = async (path) => (path === folder.path ? { size: folder.bytes, isFolder: true } : await stat(path))
    const what = 'is delivered, and is a folder on the server, ours is 5 bytes'
    expect(await look(manifest, session)).toEqual([{ path: folder.path, what, grade: 'fault' }])
  })

  it('and does not let us look at one, of which that is told and no more', async () => {
    const [manifest, server] = [new MemoryManifest(), new MemorySftpServer()]
    const [hidden, gone] = [await delivered(manifest, 1), await delivered(manifest, 2)]
    server.fault = ({ name, path }) => (name === 'stat' && path === hidden.path ? 'permission-denied' : undefined)
    expect(await look(manifest, await server.connect(new AbortController().signal))).toEqual([
      { path: hidden.path, what: expect.stringMatching(/^cannot be looked at: SFTP stat /) as string, grade: 'fault' },
      { path: gone.path, what: 'was delivered, and is gone from the server', grade: 'note' },
    ])
  })

  it.each(['folder', 'suffix'] as const)(
    'has temporary files of ours swept that the other place has kept: %s',
    async (now) => {
      const [manifest, server] = [new MemoryManifest(), new MemorySftpServer()]
      const file = await delivered(manifest, 1)
      server.put(file.path, 'rows\n')
      const left = (['folder', 'suffix'] as const).map((temporary) =>
        temporaryPath({ ...names, temporary }, file, '00beef'),
      )
      for (const path of left) server.put(path, 'ro')
      const session = await server.connect(new AbortController().signal)
      const found: Finding[] = []
      const remote = { session, names: { folder: '.', temporary: now }, verify: 'size', repair: true } as const
      for await (const finding of verifyRemote(manifest, remote)) found.push(finding)
      expect(found).toMatchObject(left.map((path) => ({ path, grade: 'mended' })))
      expect(server.tree()).toEqual({ [file.path]: 'rows\n' })
    },
  )

  it('keeps a folder that is named as a temporary file of ours', async () => {
    const [manifest, server] = [new MemoryManifest(), new MemorySftpServer()]
    const file = await delivered(manifest, 1)
    server.put(file.path, 'rows\n')
    const session = await server.connect(new AbortController().signal)
    const temporary = temporaryPath(names, file, '00beef')
    await session.mkdir('.belay')
    await session.mkdir(temporary)
    expect(await look(manifest, session)).toEqual([])
    expect(server.requests.filter(({ name }) => name === 'unlink')).toEqual([])
  })

  it('is asked about sixteen files at a time', async () => {
    const [manifest, server] = [new MemoryManifest(), new MemorySftpServer()]
    for (let sequence = 1; sequence <= 40; sequence++) await delivered(manifest, sequence)
    const session = await server.connect(new AbortController().signal)
    const stat = session.stat.bind(session)
    let [underWay, most] = [0, 0]
    session.stat = async (path) => {
      most = Math.max(most, ++underWay)
      return await stat(path).finally(() => underWay--)
    }
    expect(await look(manifest, session)).toHaveLength(40)
    expect(most).toBe(16)
  })
})
