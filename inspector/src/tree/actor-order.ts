import type { ActorView } from '../../../src/inspection-feed/protocol.ts'

/** The orders in which actors may be looked at, in words. */
export const orders = {
  tree: 'as they start',
  mailbox: 'fullest mailbox',
  restarts: 'fewest restarts left',
  time: 'longest in their state',
} as const

export type Order = keyof typeof orders

/** The actors in this order, those that are equal by it as they start. */
export function inOrder(actors: readonly ActorView[], order: Order): readonly ActorView[] {
  switch (order) {
    case 'tree':
      return actors
    case 'mailbox':
      return actors.toSorted((a, b) => waiting(b) - waiting(a) || most(b) - most(a))
    case 'restarts':
      return actors.toSorted((a, b) => left(a) - left(b))
    case 'time':
      return actors.toSorted((a, b) => a.since - b.since)
  }
}

const waiting = ({ mailbox }: ActorView): number => mailbox?.waiting ?? -1
const most = ({ mailbox }: ActorView): number => mailbox?.most ?? -1
const left = ({ restartsLeft }: ActorView): number => restartsLeft ?? Number.MAX_SAFE_INTEGER
