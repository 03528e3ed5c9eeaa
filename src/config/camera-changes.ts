import type { CameraId } from '../domain/ids.ts'
import type { ModelSpec } from '../domain/model.ts'
import type { CameraConfig, Config, Settings } from './config.ts'
import { differingKeys, isSame } from './difference.ts'
import { Secret } from './secret.ts'

/** How the cameras that run become those of a new configuration. */
export interface CameraChanges {
  readonly added: readonly CameraConfig[]
  readonly removed: readonly CameraConfig[]
  /** As they are to be. */
  readonly changed: readonly CameraConfig[]
  /** As they run: the very objects. */
  readonly unchanged: readonly CameraConfig[]
  /** All that are to run, in the new configuration's order; the unchanged ones are the very objects that run. */
  readonly cameras: readonly CameraConfig[]
  /** What differs in the changed ones: `dock-1.fps`. */
  readonly changedKeys: readonly string[]
}

export function cameraChanges(running: readonly CameraConfig[], next: readonly CameraConfig[]): CameraChanges {
  const before = new Map(running.map((camera) => [camera.id, camera]))
  const kept = new Set<CameraId>(next.map(({ id }) => id))
  const cameras = next.map((camera) => {
    const known = before.get(camera.id)
    return known !== undefined && isSame(known, camera) ? known : camera
  })
  const changed = cameras.filter((camera) => before.has(camera.id) && before.get(camera.id) !== camera)
  return {
    added: cameras.filter(({ id }) => !before.has(id)),
    removed: running.filter(({ id }) => !kept.has(id)),
    changed,
    unchanged: cameras.filter((camera) => before.get(camera.id) === camera),
    cameras,
    changedKeys: changed.flatMap((camera) =>
      differingKeys(before.get(camera.id) ?? {}, camera).map((key) => `${camera.id}.${key}`),
    ),
  }
}

/**
 * Why cameras cannot begin now, a sentence each: a model of theirs is not loaded, or was loaded from another description of it.
 * Cameras that are unchanged go on with the models that they have.
 */
export function modelsNotLoaded(
  { added, changed }: Pick<CameraChanges, 'added' | 'changed'>,
  running: readonly ModelSpec[],
  next: readonly ModelSpec[],
): string[] {
  const isLoaded = (name: string) => {
    const loaded = running.find((model) => model.name === name)
    const described = next.find((model) => model.name === name)
    return loaded !== undefined && isSame(loaded, described)
  }
  return [...added, ...changed].flatMap(({ id, detect, classify, read }) =>
    [detect?.model, classify?.model, read?.model]
      .filter((name) => name !== undefined)
      .filter((name) => !isLoaded(name))
      .map((name) => {
        const why = running.some((model) => model.name === name)
          ? 'is loaded from another description'
          : 'is not loaded'
        return `camera ${id}: its model ${name} ${why}; models are loaded when Belay starts`
      }),
  )
}

/** The keys, as the file has them, under which everything but the cameras differs: they take effect at the next start. */
export function keysForNextStart(running: Settings, next: Settings): string[] {
  const [a, b] = [byKey(running), byKey(next)]
  return differingKeys(a, b).flatMap((section) => {
    const [old, young] = [a[section], b[section]]
    if (typeof old !== 'object' || typeof young !== 'object') return section
    return differingKeys(old, young).map((key) => writtenKey(old, young, key) ?? `${section}.${key}`)
  })
}

/** Of a secret, which stands under the key that says where it is read. */
function writtenKey(old: object, young: object, key: string): string | undefined {
  const values = [young, old].map((section): unknown => (section as Readonly<Record<string, unknown>>)[key])
  return values.find((value) => value instanceof Secret)?.key
}

/** The sections as the file has them; models by their name, so that their order says nothing. */
function byKey(settings: Settings & Partial<Config>): Readonly<Record<string, object | string>> {
  const { dataFolder, models, cameras: _, ...sections } = settings
  const named = Object.fromEntries(models.map((model) => [model.name, model]))
  return { data: dataFolder, models: named, ...sections }
}
