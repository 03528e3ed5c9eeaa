import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { watchFeed } from '../../inspector/src/daemon/feed-client.ts'
import { daemonState } from '../inspection-feed/sample-state.ts'

/** A page whose connection is made, and whose messages come when the test says so. */
function connect() {
  const sockets: FakeSocket[] = []
  class FakeSocket {
    onopen = (): void => undefined
    onmessage: ((event: { data: string }) => void) | null = null
    isClosed = false
    constructor() {
      sockets.push(this)
    }
    close(): void {
      this.isClosed = true
    }
  }
  vi.stubGlobal('WebSocket', FakeSocket)
  vi.stubGlobal('location', { href: 'http://edge-7/', protocol: 'http:' })
  vi.useFakeTimers()
  const page = new AbortController()
  onTestFinished(() => {
    page.abort()
    vi.useRealTimers()
    vi.unstubAllGlobals()
  })
  const said: string[] = []
  const ignore = (): void => undefined
  const watching = { seen: ignore, began: ignore, records: ignore }
  watchFeed({ ...watching, connection: ({ kind }) => said.push(kind) }, page.signal)
  const [socket] = sockets
  if (socket === undefined) throw new Error('No socket was made')
  return { socket, said }
}

const snapshot = JSON.stringify({ type: 'snapshot', sequence: 1, state: daemonState() })

describe('the page that follows the feed', () => {
  it('gives a connection up that is not made within 4 s', () => {
    const { socket } = connect()
    vi.advanceTimersByTime(3_999)
    expect(socket.isClosed).toBe(false)
    vi.advanceTimersByTime(1)
    expect(socket.isClosed).toBe(true)
  })

  it('waits 30 s for the first message, which may be large and the line slow, and 4 s for each after it', () => {
    const { socket, said } = connect()
    vi.advanceTimersByTime(3_000)
    socket.onopen()
    vi.advanceTimersByTime(29_999)
    socket.onmessage?.({ data: snapshot })
    expect(said).toEqual(['connecting', 'live'])
    vi.advanceTimersByTime(3_999)
    expect(socket.isClosed).toBe(false)
    vi.advanceTimersByTime(1)
    expect(socket.isClosed).toBe(true)
  })

  it('gives a connection up over which none comes', () => {
    const { socket } = connect()
    socket.onopen()
    vi.advanceTimersByTime(30_000)
    expect(socket.isClosed).toBe(true)
  })
})
