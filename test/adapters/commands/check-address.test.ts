import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises'
import { createServer as createHttp } from 'node:http'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it, onTestFinished } from 'vitest'
import { lockFolder } from '../../../src/adapters/manifest/folder-lock.ts'
import { SqliteDatabase } from '../../../src/adapters/manifest/sqlite-database.ts'
import { systemAddress } from '../../../src/commands/check/check-address.ts'
import { HttpBindError, HttpPortTakenError } from '../../../src/domain/http-errors.ts'
import { ManifestFailedError } from '../../../src/domain/manifest-errors.ts'
import { manifestLockFile } from '../../../src/domain/manifest-files.ts'

const host = '127.0.0.1'
const folder = '/nonexistent'
const never = new AbortController().signal
const servers: Server[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.close()
    await once(server, 'close')
  }
})
const listening = async (server: Server): Promise<number> => {
  servers.push(server)
  server.listen(0, host)
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}
/** A web server that answers everything alike, and keeps no connection. */
const answering = (status: number, headers: Record<string, string>, body: string) =>
  listening(
    createHttp((request, response) =>
      response
        .writeHead(request.url === '/csv-writer-stats' ? status : 404, { ...headers, connection: 'close' })
        .end(body),
    ),
  )

describe('taking an address', () => {
  it('leaves it free', async () => {
    const address = systemAddress(host, await listening(createServer()), folder)
    await expect(address.take()).rejects.toThrow(HttpPortTakenError)
    servers[0]?.close()
    await once(servers.splice(0)[0] as Server, 'close')
    await address.take()
    await address.take()
  })

  it('that no interface has says so', async () => {
    await expect(systemAddress('192.0.2.1', 5000, folder).take()).rejects.toThrow(HttpBindError)
  })
})

describe('whether a Belay runs on the data folder', () => {
  const data = async () => {
    const made = await mkdtemp(join(tmpdir(), 'belay-address-'))
    onTestFinished(() => rm(made, { recursive: true }))
    return made
  }
  const isRunning = (on: string) => systemAddress(host, 5000, on).isRunning()

  it('is told by its lock, and nothing is left', async () => {
    const on = await data()
    expect({ isRunning: await isRunning(on), left: await readdir(on) }).toEqual({ isRunning: false, left: [] })
    const lock = await lockFolder(on)
    const before = await readdir(on)
    expect({ isRunning: await isRunning(on), left: await readdir(on) }).toEqual({ isRunning: true, left: before })
    await lock.release()
    expect(await isRunning(on)).toBe(false)
  })

  it('is not so where there is no such folder', async () => {
    expect(await isRunning(folder)).toBe(false)
  })

  it('cannot be told where the lock cannot be read, or not even be looked for', async () => {
    const on = await data()
    await mkdir(join(on, manifestLockFile))
    await expect(isRunning(on)).rejects.toThrow(ManifestFailedError)
    const around = join(await data(), 'around')
    await symlink(around, around)
    await expect(isRunning(around)).rejects.toThrow('access failed with ELOOP')
  })

  it('is not told at the cost of one that starts: it waits for the look to end', async () => {
    const on = await data()
    await (await lockFolder(on)).release()
    const look = new SqliteDatabase(join(on, manifestLockFile))
    onTestFinished(() => look.close())
    await look.exec('BEGIN; SELECT 1 FROM sqlite_schema')
    const locked = lockFolder(on)
    await look.exec('ROLLBACK')
    await (await locked).release()
  })
})

describe('who holds an address', () => {
  const stats = '{"running":true,"stats":{"total_queued":0,"total_written":0,"total_failed":0,"queue_size":0}}'
  it.each([
    { who: 'a Belay', status: 200, headers: {}, body: stats, holder: 'belay' },
    {
      who: 'a Belay with a token',
      status: 401,
      headers: { 'www-authenticate': 'Bearer realm="belay"' },
      body: '{}',
      holder: 'belay',
    },
    {
      who: 'another program that wants a password',
      status: 401,
      headers: { 'www-authenticate': 'Basic realm="router"' },
      body: '',
      holder: 'another program',
    },
    { who: 'a web server', status: 404, headers: {}, body: stats, holder: 'another program' },
    { who: 'one that redirects', status: 302, headers: { location: '/x' }, body: '', holder: 'another program' },
    { who: 'one that greets', status: 200, headers: {}, body: '<html>', holder: 'another program' },
    { who: 'one with other JSON', status: 200, headers: {}, body: '{"stats":null}', holder: 'another program' },
  ])('is told of $who', async ({ status, headers, body, holder }) => {
    const port = await answering(status, headers as Record<string, string>, body)
    expect(await systemAddress(host, port, folder).holder(never)).toBe(holder)
  })

  it('is told of a program that speaks something else', async () => {
    const port = await listening(
      createServer((socket) =>
        socket
          .on('error', () => socket.destroy())
          .resume()
          .end('SSH-2.0-x\r\n'),
      ),
    )
    expect(await systemAddress(host, port, folder).holder(never)).toBe('another program')
  })

  it('is given up when told to', async () => {
    const abort = new AbortController()
    const port = await listening(
      createServer((socket) => {
        socket.on('error', () => socket.destroy()).on('data', () => abort.abort(new Error('enough')))
      }),
    )
    await expect(systemAddress(host, port, folder).holder(abort.signal)).rejects.toThrow('enough')
  })
})
