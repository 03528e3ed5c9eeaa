import { Component, type ComponentChildren } from 'preact'
import { Redrawing } from './redrawing.ts'

interface InSightProps {
  /** Wall time of what is shown. */
  readonly now: number
  /** It does not go on: all of it has to be of that moment. */
  readonly isPast: boolean
  /** One element. */
  readonly children: ComponentChildren
}

/** What is about to be scrolled into sight. */
const rootMargin = '200px'

/** Draws an element anew as often as it is asked to while it is in sight, and now and again while it is not. */
export class InSight extends Component<InSightProps> {
  /** What Preact has made of it, which its types leave out. */
  declare readonly base?: Element | Text
  readonly #redrawing = new Redrawing()
  #watching: IntersectionObserver | undefined

  override componentDidMount(): void {
    if (!(this.base instanceof Element)) return
    this.#watching = new IntersectionObserver(
      (entries) => {
        if (this.#redrawing.moved(entries.at(-1)?.isIntersecting === true)) this.forceUpdate()
      },
      { rootMargin },
    )
    this.#watching.observe(this.base)
  }

  override componentWillUnmount(): void {
    this.#watching?.disconnect()
  }

  override shouldComponentUpdate({ now, isPast }: InSightProps): boolean {
    return isPast || this.#redrawing.isDue(now)
  }

  override render({ children, now }: InSightProps): ComponentChildren {
    this.#redrawing.drawn(now)
    return children
  }
}
