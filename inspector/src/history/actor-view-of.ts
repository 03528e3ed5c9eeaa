import type { EpochMs } from '../../../src/domain/units.ts'
import { mailboxIn } from '../../../src/inspection-feed/actor-gauges.ts'
import { supervisorWords, waitsFor } from '../../../src/inspection-feed/supervisor-words.ts'
import type { ActorPictures } from '../../../src/inspection-feed/actor-pictures.ts'
import type { ActorView } from '../../../src/inspection-feed/protocol.ts'
import type { ActorPicture } from '../../../src/inspection-feed/actor-picture.ts'
import { wallTime } from './told.ts'
import { descriptionOf } from '../machine/statecharts.ts'

/** The supervision tree as pictures show it: supervisors, machines and what is supervised, depth first. `wallOffset`: of the moment. */
export function actorViews(pictures: ActorPictures, wallOffset: number): ActorView[] {
  const children = new Map<string, ActorPicture[]>()
  for (const picture of pictures.all()) {
    if (picture.kind === 'other' && picture.decision === null) continue
    const parent = picture.path.slice(0, Math.max(0, picture.path.lastIndexOf('/')))
    const siblings = children.get(parent)
    if (siblings === undefined) children.set(parent, [picture])
    else siblings.push(picture)
  }
  const views: ActorView[] = []
  const visit = (picture: ActorPicture): void => {
    const below = children.get(picture.path) ?? []
    views.push(actorViewOf(picture, below, wallOffset))
    for (const child of below) visit(child)
  }
  for (const root of children.get('') ?? []) visit(root)
  return views
}

/** What its supervisor says of a child that has no life at the moment. */
const wordsWithoutLife: Partial<
  Record<NonNullable<ActorPicture['decision']>['decision'], keyof typeof supervisorWords>
> = {
  back_off: 'backing_off',
  crash: 'crashed',
  restart: 'restarting',
  start: 'starting',
  wait: 'waiting',
}

/** A child that its supervisor starts or stops at the moment, by what was decided of it last. */
function underway({ path, decision }: ActorPicture): { id: string; state: string } {
  const is = (...decisions: string[]): boolean => decisions.includes(decision?.decision ?? '')
  // One that gets on with its stop has been given more time for it.
  const isStopping = is('stop', 'cut_off') || (is('carry_on') && decision?.cause === 'progress')
  return {
    id: path.slice(path.lastIndexOf('/') + 1),
    state: isStopping ? 'stopping' : is('start', 'restart') ? 'starting' : '',
  }
}

function actorViewOf(picture: ActorPicture, children: readonly ActorPicture[], wallOffset: number): ActorView {
  const { path, kind, machine, nodes, why, sinceMonotonic, epoch, restartsLeft, decision, ended, gauges } = picture
  const without = ended === null || decision === null ? undefined : wordsWithoutLife[decision.decision]
  const state = without ?? (picture.state === '' ? (ended ?? 'running') : picture.state)
  const word = supervisorWords[state as keyof typeof supervisorWords] as string | undefined
  return {
    path,
    kind,
    state,
    description: (without === undefined && machine !== null ? descriptionOf(machine, nodes) : word) ?? word ?? null,
    since: wallTime(sinceMonotonic, wallOffset),
    why: without === undefined ? (why ?? waitsFor(state, children.map(underway))) : (decision?.reason ?? why),
    nextTryAt: without === undefined ? nextTryOfState(picture, wallOffset) : nextTryOfDecision(decision, wallOffset),
    epoch,
    // What is decided about a supervisor tells of the budget above it.
    restartsLeft: kind === 'supervisor' ? (gauges['restartsLeft'] ?? null) : restartsLeft,
    // Counted since the start, of which records may know only the end.
    restarts: null,
    reconnects: null,
    mailbox: ended === null ? mailboxIn(gauges) : null,
    lastDecision: decision === null ? null : `${decision.decision.replaceAll('_', ' ')}: ${decision.reason}`,
    before: [],
  }
}

/** What is waited for was told as the state was entered. */
const nextTryOfState = ({ nextTryAt, since, sinceMonotonic }: ActorPicture, wallOffset: number): EpochMs | null =>
  nextTryAt === undefined ? null : wallTime(sinceMonotonic + nextTryAt - since, wallOffset)

function nextTryOfDecision(decision: ActorPicture['decision'], wallOffset: number): EpochMs | null {
  const { nextTryAt = null, nextTryMonotonic } = decision ?? {}
  return nextTryMonotonic === undefined ? nextTryAt : wallTime(nextTryMonotonic, wallOffset)
}
