import { once } from 'node:events'
import { connect as connectTcp } from 'node:net'
import { describe, expect, it } from 'vitest'
import type { WebSocket } from 'ws'
import { VirtualClock } from '../../fakes/virtual-clock.ts'
import { cameraView, daemonState, startedAt } from '../../inspection-feed/sample-state.ts'
import { startSite } from './http-site.ts'

describe('a client of the feed', () => {
  it('gets a snapshot, and then what changes', async () => {
    const clock = new VirtualClock()
    const { connect, shown } = await startSite({}, clock)
    const client = connect()
    await client.until(1)
    shown.state = daemonState({ phase: 'draining' })
    clock.advance(100)
    expect(await client.until(2)).toEqual([
      { type: 'snapshot', sequence: 1, cause: 'began', state: daemonState(), recordsUntil: 0 },
      { type: 'delta', sequence: 2, at: daemonState().at, phase: 'draining' },
    ])
  })

  it('is told what has happened up to the end, before it is let go', async () => {
    const clock = new VirtualClock()
    const { connect, shown, server } = await startSite({}, clock)
    const client = connect()
    await client.until(1)
    shown.state = daemonState({ phase: 'draining' })
    await server.close()
    expect(await client.closed).toBe(1001)
    expect(client.messages).toMatchObject([{ type: 'snapshot' }, { type: 'delta', phase: 'draining' }])
  })

  it('that comes back goes on where it was', async () => {
    const clock = new VirtualClock()
    const { connect, shown } = await startSite({}, clock)
    const stays = connect()
    await stays.until(1)
    shown.state = daemonState({ phase: 'draining' })
    clock.advance(100)
    await stays.until(2)
    const back = connect(`/feed?startedAt=${startedAt}&sequence=1`)
    expect(await back.until(1)).toEqual([{ type: 'delta', sequence: 2, at: daemonState().at, phase: 'draining' }])
  })

  it('that comes back with nonsense begins anew', async () => {
    const { connect } = await startSite()
    expect(await connect('/feed?startedAt=x&sequence=1e99').until(1)).toMatchObject([
      { type: 'snapshot', cause: 'lost-place' },
    ])
  })

  it('that says something is sent away', async () => {
    const { connect } = await startSite()
    const client = connect()
    await client.opened
    client.socket.send('hello')
    expect(await client.closed).toBe(1008)
  })

  it('that says too much is sent away before it has said it', async () => {
    const { connect } = await startSite()
    const client = connect()
    await client.opened
    client.socket.send(Buffer.alloc(300))
    expect(await client.closed).toBe(1009)
  })

  it('that sends garbage ends alone', async () => {
    const { port, connect, clock } = await startSite()
    const good = connect()
    await good.until(1)
    const bad = connectTcp(port, '127.0.0.1')
    bad.on('error', () => {})
    bad.write(
      'GET /feed HTTP/1.1\r\nhost: localhost\r\nconnection: upgrade\r\nupgrade: websocket\r\n' +
        'sec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
    )
    await once(bad, 'data')
    bad.write(Buffer.alloc(64, 0xff))
    bad.resume()
    await once(bad, 'close')
    ;(clock as VirtualClock).advance(1_000)
    expect(await good.until(2)).toMatchObject([{ type: 'snapshot' }, { type: 'delta', sequence: 2 }])
  })

  it('that does not answer pings is gone', async () => {
    const { connect } = await startSite({ limits: { pingEveryMs: 20 } })
    const client = connect()
    await client.opened
    ;(
      client.socket as WebSocket & { _receiver: { removeAllListeners(event: string): void } }
    )._receiver.removeAllListeners('ping')
    expect(await client.closed).toBe(1006)
  })

  it('that answers them stays', async () => {
    const { connect } = await startSite({ limits: { pingEveryMs: 20 } })
    const client = connect()
    let pings = 0
    await new Promise<void>((resolve) => client.socket.on('ping', () => ++pings === 5 && resolve()))
    expect(client.socket.readyState).toBe(client.socket.OPEN)
  })
})

describe('a client that does not read', () => {
  it('loses its place, is told so, and gets a fresh snapshot once it has caught up', async () => {
    const clock = new VirtualClock()
    const { connect, shown } = await startSite({ limits: { feedBacklog: 100_000 } }, clock)
    const slow = connect()
    const quick = connect()
    await Promise.all([slow.until(1), quick.until(1)])
    slow.socket.pause()
    // More than a socket's own buffers hold: the rest waits in the daemon, up to the bound.
    const blob = 'x'.repeat(200_000)
    for (let round = 0; round < 100; round++) {
      shown.state = daemonState({ cameras: [cameraView('dock-1', { lastFinding: `${round} ${blob}` })] })
      clock.advance(100)
      await quick.until(round + 2)
    }
    slow.socket.resume()
    // The feed speaks once a second at least; the slow one is let in again as soon as nothing waits for it.
    while (!slow.messages.some((message) => message.type === 'snapshot' && message.cause === 'too-slow')) {
      clock.advance(1_000)
      await new Promise((resolve) => setImmediate(resolve))
    }
    const fresh = slow.messages.findLast((message) => message.type === 'snapshot')
    expect(fresh).toMatchObject({ cause: 'too-slow', state: { cameras: [{ lastFinding: `99 ${blob}` }] } })
    expect(slow.messages.length).toBeLessThan(100)
    expect(quick.messages.filter(({ type }) => type === 'snapshot')).toHaveLength(1)
  })
})

describe('more clients than the limit', () => {
  it('are turned away, in words that a browser can read, until one leaves', async () => {
    const { connect, get } = await startSite({ limits: { feedClients: 2 } })
    const [first, second] = [connect(), connect()]
    await Promise.all([first.until(1), second.until(1)])
    const third = connect()
    const words = new Promise((resolve) => third.socket.on('close', (_, reason) => resolve(reason.toString())))
    expect([await third.closed, await words]).toEqual([1013, '2 are connected already, and no more are served'])
    expect(third.messages).toEqual([])
    expect((await get('/metrics')).body).toMatch(/^belay_feed_refused_total 1$/m)
    first.socket.close()
    await first.closed
    expect(await connect().until(1)).toHaveLength(1)
  })
})

describe('a state that cannot be put together', () => {
  it('ends the feed and the server with the bug', async () => {
    const clock = new VirtualClock()
    const { connect, shown, closed } = await startSite({}, clock)
    const ended = closed.then(
      () => 'closed',
      (error: unknown) => error,
    )
    const client = connect()
    await client.until(1)
    shown.fault = new TypeError('a bug')
    clock.advance(100)
    expect(await client.closed).toBe(1011)
    expect(await ended).toBe(shown.fault)
  })
})
