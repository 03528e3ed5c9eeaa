import type { InOrder, Settle } from './in-order.ts'

/** So many answers of a lane wait at most for one before them that is late; then no more of its frames are given out. */
const mostUnsettled = 256

/** One lane's part of the order in which its camera's answers leave. */
export class LaneOrder {
  #unsettled = 0

  constructor(private readonly order: InOrder) {}

  /** Whether as many frames as may be have been given out and have not left. */
  get isFull(): boolean {
    return this.#unsettled >= mostUnsettled
  }

  /** A place for a frame that is given out now. */
  enter(): Settle {
    const settle = this.order.enter()
    this.#unsettled++
    return (action) =>
      settle(() => {
        this.#unsettled--
        return action?.()
      })
  }
}
