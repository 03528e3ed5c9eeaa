import type { ComponentChildren } from 'preact'
import { durationWords } from '../../../src/domain/duration-words.ts'
import type { ActorView } from '../../../src/inspection-feed/protocol.ts'
import { moment } from '../parts/format.ts'
import { Status } from '../parts/status.tsx'
import { whyWords } from '../parts/why-words.ts'

interface CardProps {
  readonly title: string
  /** What stands small beside the title. */
  readonly subtitle: string
  readonly actor: ActorView | undefined
  readonly now: number
  readonly children: ComponentChildren
}

/** A part of the line: its state, since when and why, and then its figures. */
export function Card({ title, subtitle, actor, now, children }: CardProps) {
  const why = actor === undefined ? '' : whyWords(actor, now)
  return (
    <article class="card" aria-label={title}>
      <header>
        <div>
          <h3 title={title}>{title}</h3>
          {actor && <Status state={actor.state} description={actor.description} />}
        </div>
        <div class="what">
          <p class="subtitle" title={subtitle}>
            {subtitle}
          </p>
          {actor && (
            <p class="since" title={`since ${moment(actor.since)}`}>
              for {durationWords(now - actor.since)}
            </p>
          )}
        </div>
      </header>
      {why !== '' && <p class="why">{why}</p>}
      {children}
    </article>
  )
}
