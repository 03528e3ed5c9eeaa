import { describe, expect, it } from 'vitest'
import { inOrder, type Order } from '../../inspector/src/tree/actor-order.ts'
import { epochMs } from '../../src/domain/units.ts'
import type { ActorView } from '../../src/inspection-feed/protocol.ts'

function actor(path: string, since: number, restartsLeft: number | null, mailbox?: [number, number]): ActorView {
  const [waiting = 0, most = 0] = mailbox ?? []
  return {
    ...{
      path,
      kind: 'machine',
      state: 'running',
      description: null,
      since: epochMs(since),
      why: null,
      nextTryAt: null,
    },
    ...{
      epoch: 1,
      restartsLeft,
      restarts: 0,
      reconnects: 0,
      mailbox: mailbox === undefined ? null : { waiting, most },
      lastDecision: null,
      before: [],
    },
  }
}

const actors = [
  actor('root', 30, null),
  actor('log', 10, 3, [0, 2]),
  actor('writer', 40, 0, [0, 9]),
  actor('uploader', 20, 3, [5, 5]),
  actor('dock', 20, 1),
]

describe('the actors of the tree', () => {
  it.each<[Order, string[]]>([
    ['tree', ['root', 'log', 'writer', 'uploader', 'dock']],
    // Of empty ones the one that was fullest; last those of which it is not known.
    ['mailbox', ['uploader', 'writer', 'log', 'root', 'dock']],
    ['restarts', ['writer', 'dock', 'log', 'uploader', 'root']],
    ['time', ['log', 'uploader', 'dock', 'root', 'writer']],
  ])('stand in the order %s', (order, expected) => {
    expect(inOrder(actors, order).map(({ path }) => path)).toEqual(expected)
  })
})
