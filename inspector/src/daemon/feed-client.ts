import { seconds } from '../../../src/domain/units.ts'
import type { DaemonState, FeedMessage } from '../../../src/inspection-feed/protocol.ts'
import type { FeedRecord } from '../../../src/inspection-feed/record.ts'
import { applyMessage, type Seen } from './apply-message.ts'
import { ask, TurnedAwayError } from './ask.ts'
import { clock } from './clock.ts'
import { watchSilence } from './silence.ts'

/** Whether the page shows the present, and if not, why. */
export type Connection =
  | { readonly kind: 'live' }
  | { readonly kind: 'connecting'; readonly reason: string }
  /** `retryAt` on the clock of `performance.now`. */
  | { readonly kind: 'waiting'; readonly reason: string; readonly retryAt: number }
  /** For good: until the page is loaded anew. */
  | { readonly kind: 'turned-away'; readonly reason: string }

export interface Watching {
  seen(seen: Seen): void
  connection(connection: Connection): void
  /** A snapshot has come: what happened before it is not told by the feed. */
  began(state: DaemonState): void
  /** What has happened since; in order. */
  records(records: readonly FeedRecord[]): void
}

/** The feed is never silent for more than a second. */
const silenceLimit = seconds(4)
/** Only whole messages are heard of, and the first may be a snapshot of 200 kB, which takes a while over a slow line. */
const firstMessageLimit = seconds(30)
const firstRetryMs = 500
const longestRetryMs = 8_000

/** Follows `/feed` until `signal` aborts: reconnects, goes on where it was, and says what is wrong meanwhile; a token that is not accepted ends it. */
export function watchFeed(watching: Watching, signal: AbortSignal): void {
  let seen: Seen | undefined
  let failures = 0

  function connect(reason: string): void {
    if (signal.aborted) return
    watching.connection({ kind: 'connecting', reason })
    const socket = new WebSocket(address(seen))
    const silence = watchSilence(clock, silenceLimit, (limit) => lose(`no sign of life for ${limit / 1000} s`))
    let isLost = false
    const end = (): void => lose('')
    signal.addEventListener('abort', end)

    socket.onopen = () => silence.heard(firstMessageLimit)
    socket.onmessage = ({ data }) => {
      silence.heard(silenceLimit)
      const message = JSON.parse(data as string) as FeedMessage
      const next = applyMessage(seen, message)
      if (next === undefined) {
        seen = undefined
        return lose('messages were lost')
      }
      if (seen !== undefined && seen.state.version !== next.state.version) return location.reload()
      seen = next
      failures = 0
      watching.seen(next)
      if (message.type === 'snapshot') watching.began(next.state)
      else if (message.records !== undefined) watching.records(message.records)
      watching.connection({ kind: 'live' })
    }
    socket.onclose = (event) => lose(event.reason)

    function lose(why: string): void {
      if (isLost) return
      isLost = true
      silence.end()
      signal.removeEventListener('abort', end)
      socket.onmessage = null
      socket.close()
      if (!signal.aborted) void explain(why).then(retry, turnedAway)
    }
  }

  function retry(reason: string): void {
    if (signal.aborted) return
    const wait = Math.min(firstRetryMs * 2 ** failures++, longestRetryMs)
    watching.connection({ kind: 'waiting', reason, retryAt: performance.now() + wait })
    setTimeout(() => connect(reason), wait)
  }

  function turnedAway({ message }: TurnedAwayError): void {
    watching.connection({ kind: 'turned-away', reason: message })
  }

  connect('')
}

/** A browser doesn't say why a WebSocket failed; a plain request does. @throws {TurnedAwayError} */
async function explain(why: string): Promise<string> {
  if (why !== '') return why
  try {
    const { status } = await ask('/readyz', AbortSignal.timeout(2_000))
    return status === 429 ? 'too many wrong tokens have come from this address' : 'the connection was lost'
  } catch (error) {
    if (error instanceof TurnedAwayError) throw error
    return 'the daemon does not answer'
  }
}

function address(seen: Seen | undefined): URL {
  const url = new URL('/feed', location.href)
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
  if (seen !== undefined) {
    url.searchParams.set('startedAt', String(seen.state.startedAt))
    url.searchParams.set('sequence', String(seen.sequence))
  }
  return url
}
