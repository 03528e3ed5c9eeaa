import { Component, type ComponentChildren } from 'preact'
import { Redrawing } from './redrawing.ts'

interface InSightProps {
  /** It does not go on: all of it has to be of that moment. */
  readonly isPast: boolean
  /** What has to be seen at once when it changes, since somebody has asked for it. */
  readonly asked?: unknown
  /** What is watched is their first element. */
  readonly children: ComponentChildren
}

/** What is about to be scrolled into sight. */
const rootMargin = '200px'

/** Draws what is in it anew twice a second while it is in sight, and now and again while it is not; of the past always. */
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

  override shouldComponentUpdate({ isPast, asked }: InSightProps): boolean {
    return isPast || this.props.isPast || asked !== this.props.asked || this.#redrawing.isDue(performance.now())
  }

  override render({ children }: InSightProps): ComponentChildren {
    this.#redrawing.drawn(performance.now())
    return children
  }
}
