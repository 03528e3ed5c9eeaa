import { once } from 'node:events'
import { type AddressInfo, connect as connectTcp, createServer, type Server } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { HttpBindError, HttpPortTakenError } from '../../../src/domain/http-errors.ts'
import { startSite } from './http-site.ts'

async function occupy(port = 0): Promise<{ port: number; server: Server }> {
  const server = createServer().listen(port, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return { port: (server.address() as AddressInfo).port, server }
}

describe('an address that cannot be had', () => {
  it('because its port is taken is told with the port', async () => {
    const { port } = await occupy()
    const error = await startSite({ port }).catch((error: unknown) => error)
    expect(error).toBeInstanceOf(HttpPortTakenError)
    expect(error).toMatchObject({ code: 'http.port-taken', host: '127.0.0.1', port })
  })

  it('because its port is taken is left for the next free port, where that is wanted', async () => {
    const { port } = await occupy()
    const site = await startSite({ port, portSearch: true })
    expect(site.port).toBeGreaterThan(port)
    expect(site.port).toBeLessThanOrEqual(port + 50)
    expect(site.url).toBe(`http://127.0.0.1:${site.port}`)
    expect((await site.get('/healthz')).status).toBe(200)
  })

  it('because it is not of this machine is told as such', async () => {
    const error = await startSite({ host: '192.0.2.1' }).catch((error: unknown) => error)
    expect(error).toBeInstanceOf(HttpBindError)
    expect(error).toMatchObject({ code: 'http.bind', host: '192.0.2.1', systemCode: 'EADDRNOTAVAIL' })
  })

  it('is taken at the next try, once it is free', async () => {
    const { port, server } = await occupy()
    await expect(startSite({ port })).rejects.toThrow(HttpPortTakenError)
    server.close()
    await once(server, 'close')
    expect((await startSite({ port })).port).toBe(port)
  })
})

describe('closing', () => {
  it('ends feeds with a word, cuts the rest, and frees the port', async () => {
    const { server, connect, port, closed } = await startSite()
    const client = connect()
    await client.until(1)
    const idle = connectTcp(port, '127.0.0.1')
    await once(idle, 'connect')
    const cut = once(idle, 'close')
    idle.resume()
    await server.close()
    await closed
    expect(await client.closed).toBe(1001)
    await cut
    expect((await occupy(port)).port).toBe(port)
  })

  it('does not wait for a client that never answers', async () => {
    const { server, connect } = await startSite()
    const client = connect()
    await client.until(1)
    client.socket.pause()
    await server.close()
    client.socket.resume()
    expect([1001, 1006]).toContain(await client.closed)
  }, 10_000)

  it('twice is the same as once', async () => {
    const { server, closed } = await startSite()
    await Promise.all([server.close(), server.close()])
    await server.close()
    await closed
  })

  it('follows from its signal', async () => {
    const { controller, closed, port } = await startSite()
    controller.abort()
    await closed
    expect((await occupy(port)).port).toBe(port)
  })

  it('leaves the way open to listen again', async () => {
    const { server, closed } = await startSite()
    await server.close()
    await closed
    const again = await server.listen(new AbortController().signal)
    expect(await (await fetch(`${again.url}/healthz`)).json()).toEqual({ ok: true })
    await server.close()
    await again.closed
  })
})

describe('a signal that has aborted already', () => {
  it('rejects with its reason', async () => {
    const { server } = await startSite()
    await server.close()
    await expect(server.listen(AbortSignal.abort(new Error('stopped')))).rejects.toThrow('stopped')
  })
})

describe('a client that sends its headers for ever', () => {
  it('is cut', async () => {
    const { port } = await startSite({ limits: { requestMs: 100 } })
    const socket = connectTcp(port, '127.0.0.1')
    socket.write('GET / HTTP/1.1\r\nhost: localhost\r\n')
    let answer = ''
    socket.on('data', (data) => (answer += data.toString('latin1')))
    await once(socket, 'close')
    expect(answer).toMatch(/^HTTP\/1\.1 408 /)
  })

  it('and too many of them are answered 431', async () => {
    const { get } = await startSite()
    expect((await get('/', { 'x-long': 'a'.repeat(9_000) })).status).toBe(431)
  })
})

describe('more connections than the limit', () => {
  it('are cut, and the others stay', async () => {
    const { port } = await startSite({ limits: { connections: 3, requestMs: 60_000 } })
    const sockets = Array.from({ length: 3 }, () => connectTcp(port, '127.0.0.1'))
    await Promise.all(sockets.map((socket) => once(socket, 'connect')))
    let gone = 0
    for (const socket of sockets) socket.on('close', () => gone++).resume()
    const extra = connectTcp(port, '127.0.0.1')
    extra.on('error', () => {})
    extra.resume()
    await once(extra, 'close')
    expect(gone).toBe(0)
    sockets.forEach((socket) => socket.destroy())
  }, 10_000)
})
