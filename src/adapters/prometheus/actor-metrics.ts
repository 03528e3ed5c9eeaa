import type { ActorView } from '../../inspection-feed/protocol.ts'
import { counter, gauge, known, type Metric, type Sample, type Seen } from './metric.ts'

const ofActors =
  (samples: (actor: ActorView, seen: Seen) => Iterable<Sample>) =>
  (seen: Seen): Sample[] =>
    seen.state.actors.flatMap((actor) => [...samples(actor, seen)])

const actor = ['actor']

export const actorMetrics: readonly Metric[] = [
  gauge(
    'belay_actor_state',
    ['actor', 'state'],
    '1 for the state that the actor is in, 0 for the others that its machine has been in.',
    ofActors(({ path, state }, { tally }) => {
      const states = new Set([state, ...tally.of(path).entered.keys()])
      return [...states].map((each): Sample => [Number(each === state), path, each])
    }),
  ),
  gauge(
    'belay_actor_state_seconds',
    actor,
    'How long the actor has been in its state.',
    ofActors(({ path, since }, { state }) => [[Math.max(0, state.at - since) / 1000, path]]),
  ),
  counter(
    'belay_actor_state_entries_total',
    ['actor', 'state'],
    'How often the actor came into each state.',
    ofActors(({ path }, { tally }) => [...tally.of(path).entered].map(([state, count]) => [count, path, state])),
  ),
  counter(
    'belay_actor_reconnects_total',
    actor,
    'How often the actor tried again what had failed: a camera’s stream, the server’s session, the page’s address.',
    ofActors(({ path, kind }, { tally }) => (kind === 'machine' ? [[tally.of(path).retried, path]] : [])),
  ),
  counter(
    'belay_actor_restarts_total',
    actor,
    'How often the actor’s supervisor restarted it after a failure.',
    ofActors(({ path }, { tally }) => [[tally.of(path).restarted, path]]),
  ),
  gauge(
    'belay_actor_restarts_left',
    actor,
    'How many more restarts the actor’s supervisor (for a supervisor: it itself) allows within the period.',
    ofActors(({ path, restartsLeft }) => known(restartsLeft, path)),
  ),
  counter(
    'belay_supervisor_decisions_total',
    ['actor', 'decision'],
    'Decisions of supervisors about their children and themselves.',
    ofActors(({ path }, { tally }) => [...tally.of(path).decided].map(([decision, count]) => [count, path, decision])),
  ),
]
