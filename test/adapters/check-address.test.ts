import { once } from 'node:events'
import { createServer as createHttp } from 'node:http'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { systemAddress } from '../../src/commands/check/check-address.ts'
import { HttpBindError, HttpPortTakenError } from '../../src/domain/http-errors.ts'

const host = '127.0.0.1'
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
    const address = systemAddress(host, await listening(createServer()))
    await expect(address.take()).rejects.toThrow(HttpPortTakenError)
    servers[0]?.close()
    await once(servers.splice(0)[0] as Server, 'close')
    await address.take()
    await address.take()
  })

  it('that no interface has says so', async () => {
    await expect(systemAddress('192.0.2.1', 5000).take()).rejects.toThrow(HttpBindError)
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
    expect(await systemAddress(host, port).holder(never)).toBe(holder)
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
    expect(await systemAddress(host, port).holder(never)).toBe('another program')
  })

  it('is given up when told to', async () => {
    const abort = new AbortController()
    const port = await listening(
      createServer((socket) => {
        socket.on('error', () => socket.destroy()).on('data', () => abort.abort(new Error('enough')))
      }),
    )
    await expect(systemAddress(host, port).holder(abort.signal)).rejects.toThrow('enough')
  })
})
