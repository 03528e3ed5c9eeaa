import type { DaemonState, FeedDelta } from './protocol.ts'

/** Each part of a state as text, so that two states are compared part by part. */
export interface Fingerprint {
  readonly actors: ReadonlyMap<string, string>
  readonly cameras: ReadonlyMap<string, string>
  readonly inference: string
  readonly writer: string
  readonly uploader: string
}

export const fingerprint = (state: DaemonState): Fingerprint => ({
  actors: new Map(state.actors.map((actor) => [actor.path, JSON.stringify(actor)])),
  cameras: new Map(state.cameras.map((camera) => [camera.id, JSON.stringify(camera)])),
  inference: JSON.stringify(state.inference),
  writer: JSON.stringify(state.writer),
  uploader: JSON.stringify(state.uploader),
})

export interface Fingerprinted {
  readonly state: DaemonState
  readonly parts: Fingerprint
}

export type Changes = Omit<FeedDelta, 'type' | 'sequence' | 'at' | 'records'>

export const isEmpty = (changes: Changes): boolean => Object.keys(changes).length === 0

/** The parts of `after` that differ from `before`, each whole; orders only where they differ. */
export function deltaBetween(before: Fingerprinted, after: Fingerprinted): Changes {
  const { state, parts } = after
  const actors = state.actors.filter(({ path }) => parts.actors.get(path) !== before.parts.actors.get(path))
  const cameras = state.cameras.filter(({ id }) => parts.cameras.get(id) !== before.parts.cameras.get(id))
  return {
    ...(state.boot === before.state.boot ? {} : { boot: state.boot }),
    ...(state.phase === before.state.phase ? {} : { phase: state.phase }),
    ...(actors.length === 0 ? {} : { actors }),
    ...(sameOrder(before.parts.actors, parts.actors) ? {} : { actorOrder: state.actors.map(({ path }) => path) }),
    ...(cameras.length === 0 ? {} : { cameras }),
    ...(sameOrder(before.parts.cameras, parts.cameras) ? {} : { cameraOrder: state.cameras.map(({ id }) => id) }),
    ...(parts.inference === before.parts.inference ? {} : { inference: state.inference }),
    ...(parts.writer === before.parts.writer ? {} : { writer: state.writer }),
    ...(parts.uploader === before.parts.uploader ? {} : { uploader: state.uploader }),
  }
}

function sameOrder(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): boolean {
  if (before.size !== after.size) return false
  const others = before.keys()
  for (const key of after.keys()) if (others.next().value !== key) return false
  return true
}
