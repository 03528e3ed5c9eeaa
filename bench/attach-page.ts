import { once } from 'node:events'
import { WebSocket } from 'ws'
import type { RunningDaemon } from '../test/e2e/support/daemon.ts'

/** Somebody who looks at the page, as the daemon sees him. */
export interface AttachedPage {
  /** Says how many messages it has been sent. */
  readonly close: () => Promise<number>
}

export async function attachPage(daemon: RunningDaemon): Promise<AttachedPage> {
  await daemon.until('the daemon listens', () => true)
  const page = new WebSocket(`${daemon.url().replace(/^http/, 'ws')}/feed`)
  let messages = 0
  page.on('message', () => messages++)
  await once(page, 'open')
  return {
    async close() {
      page.close()
      await once(page, 'close')
      return messages
    },
  }
}
