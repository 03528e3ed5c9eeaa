import { describe, expect, it } from 'vitest'
import { startSite } from './http-site.ts'

describe('/metrics', () => {
  it('answers in the format of Prometheus', async () => {
    const { get } = await startSite()
    const { status, headers, body } = await get('/metrics')
    expect(status).toBe(200)
    expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8')
    expect(body).toContain('\nbelay_frames_total{camera="dock-1",outcome="inspected",cause=""} 7\n')
  })

  it('counts what the server itself has answered, refused and holds open', async () => {
    const { get, connect } = await startSite()
    await get('/nothing')
    await get('/healthz')
    await connect().opened
    await connect('/feed', { origin: 'https://evil.example' }).refused
    const { body } = await get('/metrics')
    const lines = body.split('\n')
    expect(lines).toContain('belay_http_responses_total{code="404"} 1')
    expect(lines).toContain('belay_http_responses_total{code="200"} 1')
    expect(lines).toContain('belay_feed_clients 1')
    expect(lines).toContain('belay_feed_refused_total 1')
  })

  it('counts connections that were cut', async () => {
    const { get, connect } = await startSite({ limits: { connections: 2 } })
    const first = connect()
    const second = connect()
    await Promise.all([first.opened, second.opened])
    await connect().closed
    first.socket.close()
    await first.closed
    expect((await get('/metrics')).body).toContain('\nbelay_http_connections_cut_total 1\n')
  })
})
