import { useState } from 'preact/hooks'
import { durationWords } from '../../../src/domain/duration-words.ts'
import type { ActorView, PastState } from '../../../src/inspection-feed/protocol.ts'
import { count, moment } from '../parts/format.ts'
import { InSight } from '../parts/in-sight.tsx'
import { hashOf } from '../place.ts'
import { Status } from '../parts/status.tsx'
import { whyWords } from '../parts/why-words.ts'
import { Time } from '../parts/time.tsx'

interface ActorTreeProps {
  readonly actors: readonly ActorView[]
  readonly now: number
  readonly isPast: boolean
  /** In the order of the tree, so that a row can be indented below its supervisor. */
  readonly isTree: boolean
  readonly hasMachine: (path: string) => boolean
  /** What it was before, the latest first. */
  readonly statesBefore: (actor: ActorView) => readonly PastState[]
}

/** The supervision tree, one row an actor; a row opens to show what it was before, and what was last decided about it. */
export function ActorTree({ actors, now, isPast, isTree, hasMachine, statesBefore }: ActorTreeProps) {
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set())
  // Of what is open by then: a row may have been drawn before others were opened.
  const toggle = (path: string): void =>
    setOpen((before) => {
      const next = new Set(before)
      if (!next.delete(path)) next.add(path)
      return next
    })
  return (
    <div class="panel" tabIndex={0} role="region" aria-label="Actors">
      <table class="tree">
        <thead>
          <tr>
            <th scope="col">actor</th>
            <th scope="col">state</th>
            <th scope="col">for</th>
            <th scope="col">why</th>
            <th
              scope="col"
              class="number"
              title="Events that wait to be handled, and the most that have waited at once in this life"
            >
              mailbox
            </th>
            <th scope="col" class="number" title="Counts the lives of this actor">
              life
            </th>
            <th scope="col" class="number" title="How many restarts are left within the period">
              restarts left
            </th>
          </tr>
        </thead>
        <tbody>
          {actors.map((actor) => (
            <InSight key={actor.path} isPast={isPast} asked={`${String(isTree)} ${String(open.has(actor.path))}`}>
              <ActorRow
                actor={actor}
                now={now}
                depth={isTree ? actor.path.split('/').length - 1 : 0}
                isOpen={open.has(actor.path)}
                onToggle={toggle}
                hasMachine={hasMachine(actor.path)}
                statesBefore={statesBefore}
              />
            </InSight>
          ))}
        </tbody>
      </table>
    </div>
  )
}

interface ActorRowProps extends Pick<ActorTreeProps, 'now' | 'statesBefore'> {
  readonly actor: ActorView
  readonly depth: number
  readonly hasMachine: boolean
  readonly isOpen: boolean
  readonly onToggle: (path: string) => void
}

function ActorRow({ actor, now, depth, isOpen, onToggle, hasMachine, statesBefore }: ActorRowProps) {
  const { path, kind, state, description, since, epoch, restartsLeft, mailbox } = actor
  return (
    <>
      <tr class={kind}>
        <th scope="row" title={path}>
          <button
            type="button"
            aria-expanded={isOpen}
            onClick={() => onToggle(path)}
            style={{ marginInlineStart: `${depth * 1.1}em` }}
          >
            <span class="chevron" aria-hidden="true" />
            {path.slice(path.lastIndexOf('/') + 1)}
          </button>
        </th>
        <td class="state">
          <Status state={state} description={description} />
        </td>
        <td class="for" title={`since ${moment(since)}`}>
          {durationWords(now - since)}
        </td>
        <td class="why">{whyWords(actor, now)}</td>
        <td class="mailbox">{mailbox && mailboxWords(mailbox)}</td>
        <td class="epoch">{epoch}</td>
        <td class="restarts">
          {/* Of how many they are a supervisor's own is not known: 1 may be all that it ever had. */}
          {restartsLeft !== null && kind !== 'supervisor' && (
            <meter min={0} max={Math.max(5, restartsLeft)} low={1.5} value={restartsLeft} aria-label="restarts left" />
          )}{' '}
          {restartsLeft}
        </td>
      </tr>
      {isOpen && <ActorDetail actor={actor} before={statesBefore(actor)} hasMachine={hasMachine} />}
    </>
  )
}

interface ActorDetailProps {
  readonly actor: ActorView
  readonly before: readonly PastState[]
  readonly hasMachine: boolean
}

function ActorDetail({ actor, before, hasMachine }: ActorDetailProps) {
  const { path, state, description, since, lastDecision } = actor
  return (
    <tr class="detail">
      <td colSpan={7}>
        <p class="if-narrow">{figureWords(actor)}</p>
        <p>
          <b>{state}</b> since <Time at={since} />. {description}
        </p>
        {lastDecision !== null && <p>Last decision of its supervisor: {lastDecision}</p>}
        {hasMachine && (
          <p>
            <a href={hashOf({ view: 'machine', path })}>Its statechart</a>
          </p>
        )}
        {before.length > 0 && (
          <ol>
            {before.map((past) => (
              <li key={`${past.since} ${past.state}`}>
                <Time at={past.since} /> <b>{past.state}</b> for {durationWords(past.until - past.since)}
                {past.why !== null && `: ${past.why}`}
              </li>
            ))}
          </ol>
        )}
      </td>
    </tr>
  )
}

const mailboxWords = ({ waiting, most }: NonNullable<ActorView['mailbox']>): string =>
  `${count(waiting)}, most ${count(most)}`

/** What has no column where there is little room. */
function figureWords({ mailbox, epoch, restartsLeft }: ActorView): string {
  const said = [
    mailbox && `mailbox ${mailboxWords(mailbox)}`,
    epoch !== null && `life ${epoch}`,
    restartsLeft !== null && `${count(restartsLeft)} ${restartsLeft === 1 ? 'restart' : 'restarts'} left`,
  ]
  return said.filter((words) => typeof words === 'string').join(' · ')
}
