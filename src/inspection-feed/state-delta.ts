import type { DaemonState, FeedDelta } from './protocol.ts'

/** Each part of a state as text, so that two states are compared part by part, and a changed part is told in the text that it has already. */
export interface Fingerprint {
  readonly actors: ReadonlyMap<string, string>
  readonly cameras: ReadonlyMap<string, string>
  readonly configuration: string
  readonly inference: string
  readonly writer: string
  readonly uploader: string
  readonly process: string
}

/** What is the same object as in `before` is the same text. */
export const fingerprint = (state: DaemonState, before?: Fingerprinted): Fingerprint => ({
  actors:
    before?.state.actors === state.actors
      ? before.parts.actors
      : new Map(state.actors.map((actor) => [actor.path, JSON.stringify(actor)])),
  cameras: new Map(state.cameras.map((camera) => [camera.id, JSON.stringify(camera)])),
  configuration: JSON.stringify(state.configuration),
  inference: JSON.stringify(state.inference),
  writer: JSON.stringify(state.writer),
  uploader: JSON.stringify(state.uploader),
  process: JSON.stringify(state.process),
})

export interface Fingerprinted {
  readonly state: DaemonState
  readonly parts: Fingerprint
}

type Key = Exclude<keyof FeedDelta, 'type' | 'sequence' | 'at' | 'records'>

/** The parts of `after` that differ from `before`, each whole and as text; orders only where they differ. */
export function changesBetween(before: Fingerprinted, after: Fingerprinted): ReadonlyMap<Key, string> {
  const { state, parts } = after
  const [actors, cameras] = [changed(before.parts.actors, parts.actors), changed(before.parts.cameras, parts.cameras)]
  const changes = new Map<Key, string>()
  if (state.boot !== before.state.boot) changes.set('boot', JSON.stringify(state.boot))
  if (state.runningSince !== before.state.runningSince) changes.set('runningSince', JSON.stringify(state.runningSince))
  if (state.phase !== before.state.phase) changes.set('phase', JSON.stringify(state.phase))
  if (actors !== '') changes.set('actors', `[${actors}]`)
  if (!sameOrder(before.parts.actors, parts.actors))
    changes.set('actorOrder', JSON.stringify(state.actors.map(({ path }) => path)))
  if (cameras !== '') changes.set('cameras', `[${cameras}]`)
  if (!sameOrder(before.parts.cameras, parts.cameras))
    changes.set('cameraOrder', JSON.stringify(state.cameras.map(({ id }) => id)))
  for (const key of ['configuration', 'inference', 'writer', 'uploader', 'process'] as const)
    if (parts[key] !== before.parts[key]) changes.set(key, parts[key])
  return changes
}

function changed(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): string {
  if (before === after) return ''
  const texts: string[] = []
  for (const [key, text] of after) if (before.get(key) !== text) texts.push(text)
  return texts.join(',')
}

function sameOrder(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): boolean {
  if (before === after) return true
  if (before.size !== after.size) return false
  const others = before.keys()
  for (const key of after.keys()) if (others.next().value !== key) return false
  return true
}
