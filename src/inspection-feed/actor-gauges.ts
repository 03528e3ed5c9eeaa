import type { ActorView } from './protocol.ts'
import type { Gauges } from './trend-kinds.ts'

/** What stands in a record of an actor beside its part's own gauges: its mailbox, and the restarts left: a supervisor's own, or those of the budget it spends. */
export const actorGauges = ({ mailbox, restartsLeft }: ActorView): Gauges => ({
  ...(mailbox !== null && { mailboxWaiting: mailbox.waiting, mailboxMost: mailbox.most }),
  ...(restartsLeft !== null && { restartsLeft }),
})

/** The mailbox among those gauges; `null` where none was read. */
export function mailboxIn({ mailboxWaiting, mailboxMost }: Gauges): ActorView['mailbox'] {
  if (mailboxWaiting === undefined || mailboxMost === undefined) return null
  return { waiting: mailboxWaiting, most: mailboxMost }
}
