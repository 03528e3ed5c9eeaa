import { useEffect, useRef, useState } from 'preact/hooks'
import type { DaemonState } from '../../../src/inspection-feed/protocol.ts'
import type { RecordingHeader } from '../../../src/inspection-feed/recording-header.ts'
import { readRecording } from '../../../src/inspection-feed/recording.ts'
import { askText } from './ask-text.ts'
import { clock } from './clock.ts'
import { type Connection, watchFeed } from './feed-client.ts'
import { HistoryKeeper } from '../history/history-keeper.ts'
import { textOfOne } from './text-of-one.ts'
import type { HistoryStatus } from '../history/history-status.ts'
import { History } from '../history/history.ts'

export interface Latest {
  readonly state: DaemonState
  /** `performance.now` when it came. */
  readonly receivedAt: number
}

export interface Opened {
  readonly name: string
  readonly header: RecordingHeader
  readonly isTorn: boolean
  readonly missing: number
}

export interface Source {
  readonly history: History
  /** Of a live daemon's history. */
  readonly historyStatus: HistoryStatus
  /** Of a live daemon. */
  readonly latest: Latest | undefined
  readonly connection: Connection
  /** The recording that is shown instead of a daemon. */
  readonly opened: Opened | undefined
  readonly problem: string | undefined
  /** Shows a recording, or says why not. */
  openFiles(files: readonly File[]): void
  /** There is a daemon behind this page, to which one can go back. */
  readonly hasDaemon: boolean
}

const showEveryMs = 250

/** What the page shows: a daemon's feed and history, or a recording. */
export function useDaemon(): Source {
  const history = useRef(new History()).current
  const [latest, setLatest] = useState<Latest>()
  const [connection, setConnection] = useState<Connection>({ kind: 'connecting', reason: '' })
  const [opened, setOpened] = useState<Opened>()
  const [problem, setProblem] = useState<string>()
  const [historyStatus, setHistoryStatus] = useState<HistoryStatus>({ kind: 'whole' })
  const keeper = useRef(
    new HistoryKeeper(history, async () => readRecording(await fetchRecording()), clock, {
      unreadable: (words) =>
        setProblem(
          words &&
            `The page cannot read what the daemon has recorded, only what it tells from now on: ${words}. Load the page anew`,
        ),
      status: setHistoryStatus,
    }),
  ).current
  const feed = useRef(new AbortController()).current

  const open = (name: string, text: string): void => {
    try {
      const { header, records, isTorn, missing } = readRecording(text)
      feed.abort()
      keeper.end()
      history.load(header.actors, records)
      setProblem(undefined)
      setOpened({ name, header, isTorn, missing })
    } catch (error) {
      setProblem(`${name}: ${error instanceof Error ? error.message : 'cannot be read'}`)
    }
  }

  const openFiles = (files: readonly File[]): void =>
    void textOfOne(files).then(
      ({ name, text }) => open(name, text),
      (error: Error) => setProblem(error.message),
    )

  useEffect(() => {
    const name = servedRecording()
    if (name !== null) {
      fetchRecording().then(
        (text) => open(name, text),
        () => setProblem(`${name}: belay inspect does not answer; it may have been ended`),
      )
      return
    }
    let newest: Latest | undefined
    let isWaiting = false
    /** Nobody reads faster: the first is shown at once, and then the latest, now and again. */
    const show = (): void => {
      if (isWaiting || newest === undefined) return
      setLatest(newest)
      newest = undefined
      isWaiting = true
      setTimeout(() => {
        isWaiting = false
        show()
      }, showEveryMs)
    }
    watchFeed(
      {
        seen({ state }) {
          newest = { state, receivedAt: performance.now() }
          show()
        },
        connection: (next) =>
          setConnection((before) => (before.kind === 'live' && next.kind === 'live' ? before : next)),
        began: ({ startedAt }) => keeper.begin(startedAt),
        records: (records) => keeper.take(records),
      },
      // A recording that was opened stays, whatever becomes of the daemon.
      feed.signal,
    )
  }, [])

  return {
    history,
    historyStatus,
    latest: opened === undefined ? latest : undefined,
    ...{ connection, opened, problem, openFiles },
    hasDaemon: servedRecording() === null,
  }
}

/** By `belay inspect FILE`, in the place of a daemon. */
const servedRecording = (): string | null => new URLSearchParams(location.search).get('recording')

const fetchRecording = (): Promise<string> => askText('/api/recording', clock)
