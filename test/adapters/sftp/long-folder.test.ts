import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type ssh2 from 'ssh2'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { serveFolder } from '../../../src/adapters/sftp/embedded-files.ts'
import { listFolder } from '../../../src/adapters/sftp/list-folder.ts'
import { createSftpConnector } from '../../../src/adapters/sftp/ssh2-connector.ts'
import { seconds } from '../../../src/domain/units.ts'
import type { SftpSession } from '../../../src/ports/sftp-session.ts'
import { MemoryManifest } from '../../fakes/memory-manifest.ts'
import { VirtualClock } from '../../fakes/virtual-clock.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { deliverOver, sealRandom } from './deliver-over.ts'
import { startRawServer } from './raw-server.ts'

let home: string
beforeEach(async () => {
  home = await temporaryFolder('belay-long-')
})

const remote = () => join(home, 'remote')

/** The embedded server, and what it does with each READDIR first; `false` where that is all. */
const serve = async (onReaddir: (sftp: ssh2.SFTPWrapper, id: number) => boolean) => {
  await mkdir(remote(), { recursive: true })
  const raw = await startRawServer({
    onSftp(sftp) {
      const served = serveFolder(sftp, remote())
      sftp.on('close', () => void served.close())
      const emit = sftp.emit.bind(sftp) as (name: string, ...rest: unknown[]) => boolean
      Object.assign(sftp, {
        emit: (name: string, id: number, ...rest: unknown[]) =>
          (name === 'READDIR' && !onReaddir(sftp, id)) || emit(name, id, ...rest),
      })
    },
  })
  onTestFinished(() => raw.close())
  return { host: '127.0.0.1', port: raw.port, username: 'belay', password: 'any', hostKey: 'accept-any' } as const
}

const session = async (server: Awaited<ReturnType<typeof serve>>, clock: VirtualClock): Promise<SftpSession> => {
  const times = { connectTimeout: seconds(20), operationTimeout: seconds(30), channels: 1, clock }
  const opened = await createSftpConnector({ ...server, ...times }).connect(new AbortController().signal)
  onTestFinished(() => opened.end())
  return opened
}

describe('a folder that takes longer to list than one request may', () => {
  it('is listed whole, each request with a deadline of its own', async () => {
    const clock = new VirtualClock()
    let asked = 0
    const server = await serve(() => {
      asked++
      clock.advance(seconds(20))
      return true
    })
    const names = Array.from({ length: 250 }, (_, index) => `${index}.csv`)
    await Promise.all(names.map((name) => writeFile(join(remote(), name), 'x')))
    const entries = await (await session(server, clock)).readdir('.')
    expect(entries.map(({ name }) => name).sort()).toEqual(names.sort())
    // A hundred names an answer, and the end.
    expect(asked).toBe(4)
    expect(clock.pending).toBe(0)
  })
})

describe('a folder whose listing has no end', () => {
  const attrs = { mode: 0o100644, size: 1 }
  /** What the listing comes to where each answer holds these names. */
  const listed = async (names: () => readonly string[]) => {
    const requests: string[] = []
    const sftp = {
      opendir: (_path: string, done: Done) => done(null, Buffer.from('handle')),
      readdir: (_handle: Buffer, _options: object, done: Done) =>
        done(
          null,
          names().map((filename) => ({ filename, attrs })),
        ),
      close: (_handle: Buffer, done: Done) => done(null),
    }
    type Done = (error: null, answer?: unknown) => void
    const request = (name: string, send: (done: (error?: Error | null, answer?: unknown) => void) => void) => {
      requests.push(name)
      return new Promise<unknown>((resolve) => send((_error, answer) => resolve(answer)))
    }
    await expect(listFolder(sftp as unknown as ssh2.SFTPWrapper, 'up', request)).rejects.toMatchObject({
      ...{ request: 'readdir', path: 'up', status: 'other' },
    })
    expect(requests.at(-1)).toBe('close')
    return requests.filter((name) => name === 'readdir').length
  }

  it('is refused once an answer brings nothing new', async () => {
    expect(await listed(() => ['a', 'b'])).toBe(2)
    expect(await listed(() => [])).toBe(1)
  })

  it('is refused beyond a million names', async () => {
    let next = 0
    expect(await listed(() => Array.from({ length: 4000 }, () => String(next++)))).toBe(251)
  })
})

describe('files that stand beside their temporary ones', () => {
  it('are delivered whether or not their folder can be listed in time', async () => {
    const manifest = new MemoryManifest()
    await sealRandom(join(home, 'data'), manifest, [5_000, 5_000])
    await mkdir(join(remote(), 'dock-1/model'), { recursive: true })
    let asked = 0
    const server = await serve(() => {
      asked++
      return false
    })
    const events = await deliverOver({
      ...{ folder: join(home, 'data'), manifest, server },
      options: { names: { folder: '.', temporary: 'suffix' } },
    })
    expect(events.filter(({ type }) => type === 'file.delivered')).toHaveLength(2)
    expect(asked).toBe(1)
  })
})
