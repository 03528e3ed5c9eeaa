import { describe, expect, it } from 'vitest'
import { verifyRemote } from '../../../src/commands/verify/verify-remote.ts'
import type { Finding } from '../../../src/commands/verify/verify-finding.ts'
import { temporaryPath } from '../../../src/delivery/remote-names.ts'
import { SftpUnknownOutcomeError } from '../../../src/domain/delivery-errors.ts'
import { epochMs } from '../../../src/domain/units.ts'
import { sealed } from '../../delivery/start-delivery.ts'
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
