import { once } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import { WebSocket } from 'ws'
import { previewIntervalMs } from '../inspector/src/line/preview-interval.ts'
import type { RunningDaemon } from '../test/e2e/support/daemon.ts'

/** Somebody who looks at the page, as the daemon sees him. */
export interface AttachedPage {
  /** Says how many messages it has been sent. */
  readonly close: () => Promise<number>
}

/** @param inSight the cameras whose previews are on his screen */
export async function attachPage(daemon: RunningDaemon, inSight: readonly string[] = []): Promise<AttachedPage> {
  await daemon.until('the daemon listens', () => true)
  const page = new WebSocket(`${daemon.url().replace(/^http/, 'ws')}/feed`)
  let messages = 0
  page.on('message', () => messages++)
  await once(page, 'open')
  const over = new AbortController()
  const lookers = inSight.map((id) => lookAt(previewOf(daemon, id), previewIntervalMs, over.signal))
  return {
    async close() {
      over.abort()
      await Promise.all(lookers)
      page.close()
      await once(page, 'close')
      return messages
    },
  }
}

export const previewOf = (daemon: RunningDaemon, id: string): string => `${daemon.url()}/api/cameras/${id}/preview.jpg`

/** Asks for a picture until `signal` aborts; how many different frames were shown. */
export async function lookAt(url: string, everyMs: number, signal: AbortSignal): Promise<number> {
  const frames = new Set<string | null>()
  while (!signal.aborted) {
    const answer = await fetch(url)
    await answer.arrayBuffer()
    if (!answer.ok) throw new Error(`${url}: ${answer.status}`)
    frames.add(answer.headers.get('x-frame'))
    await wait(everyMs, undefined, { signal }).catch(() => undefined)
  }
  return frames.size
}
