import type { ActorView } from './protocol.ts'
import type { Gauges } from './trend-kinds.ts'

type Mailbox = ActorView['mailbox']

/** How a mailbox stands in a record: among its actor's gauges. */
export const mailboxGauges = (mailbox: Mailbox): Gauges =>
  mailbox === null ? {} : { mailboxWaiting: mailbox.waiting, mailboxMost: mailbox.most }

/** The mailbox among those gauges; `null` where none was read. */
export function mailboxIn({ mailboxWaiting, mailboxMost }: Gauges): Mailbox {
  if (mailboxWaiting === undefined || mailboxMost === undefined) return null
  return { waiting: mailboxWaiting, most: mailboxMost }
}
