import { mailboxIn } from '../../../src/inspection-feed/actor-gauges.ts'
import { supervisorWords } from '../../../src/inspection-feed/supervisor-words.ts'
import type { ActorPictures } from '../../../src/inspection-feed/actor-pictures.ts'
import type { ActorView } from '../../../src/inspection-feed/protocol.ts'
import type { ActorPicture } from '../../../src/inspection-feed/actor-picture.ts'
import { descriptionOf } from '../machine/statecharts.ts'

/** The supervision tree as pictures show it: supervisors, machines and what is supervised, depth first. */
export function actorViews(pictures: ActorPictures): ActorView[] {
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
    views.push(actorViewOf(picture))
    for (const child of children.get(picture.path) ?? []) visit(child)
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

function actorViewOf(picture: ActorPicture): ActorView {
  const { path, kind, machine, nodes, why, since, epoch, restartsLeft, decision, ended, gauges } = picture
  const without = ended === null || decision === null ? undefined : wordsWithoutLife[decision.decision]
  const state = without ?? (picture.state === '' ? (ended ?? 'running') : picture.state)
  const word = supervisorWords[state as keyof typeof supervisorWords] as string | undefined
  return {
    path,
    kind,
    state,
    description: (without === undefined && machine !== null ? descriptionOf(machine, nodes) : word) ?? word ?? null,
    since,
    why: without === undefined ? why : (decision?.reason ?? why),
    nextTryAt: (without === undefined ? picture : decision)?.nextTryAt ?? null,
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
