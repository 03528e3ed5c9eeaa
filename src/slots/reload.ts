import { seconds } from '../domain/units.ts'
import { cameraChanges, keysForNextStart, modelsNotLoaded } from '../config/camera-changes.ts'
import type { CameraConfig, Config } from '../config/config.ts'
import { clip, errorText, linesThatFit } from '../inspection-feed/clip.ts'
import type { SupervisorRef } from '../supervision/index.ts'
import { changeCameras } from './change-cameras.ts'
import type { Stage } from './stage.ts'

/** A configuration that was read and checked, or everything that is wrong with it, a line each. */
export type ReadConfig =
  { readonly ok: true; readonly config: Config } | { readonly ok: false; readonly mistakes: readonly string[] }

/** Has the configuration read, and applies what differs. Resolves when that, and what was asked for meanwhile, is done or refused. */
export type Reload = (read: () => Promise<ReadConfig>) => Promise<void>

export interface ReloadOptions {
  readonly stage: Stage
  /** The cameras' supervisor, while there is one. */
  readonly group: () => SupervisorRef | undefined
  readonly isStopping: () => boolean
}

/**
 * Applies what a new configuration says of its cameras, whole or not at all, and says in one line of the log what came of it.
 *
 * One at a time. However often it is asked for while one is being applied, one more follows, which reads the file after the
 * last of them.
 */
export function createReload({ stage, group, isStopping }: ReloadOptions): Reload {
  const { clock } = stage.world
  const log = stage.log.at('root')
  let wanted: (() => Promise<ReadConfig>) | undefined
  let working: Promise<void> | undefined
  let isReading = false

  async function work(): Promise<void> {
    while (wanted !== undefined) {
      const read = wanted
      wanted = undefined
      try {
        await apply(read)
      } catch (error) {
        // A bug, beside the tree: it ends this reload and no camera.
        noteRefused(errorText(error))
        log.error('reload failed', { error })
      }
    }
    working = undefined
  }

  async function apply(read: () => Promise<ReadConfig>): Promise<void> {
    const again = await inTime(read)
    if (isStopping()) return void log.error(refused, { mistakes: ['the daemon is stopping'] })
    if (!again.ok) return refuse(again.mistakes)
    const { cameras, ...settings } = again.config
    const changes = cameraChanges(stage.cameras, cameras)
    const notLoaded = modelsNotLoaded(changes, stage.config.models, settings.models)
    if (notLoaded.length > 0) return refuse(notLoaded)

    const failed = await changeCameras(stage, group(), changes)
    for (const { camera, error, runs } of failed) {
      const what = runs === undefined ? 'could not be started' : 'could not be stopped'
      log.at(`root/cameras/${camera.id}`).error(what, { error })
    }
    const atNextStart = keysForNextStart(stage.config, settings)
    stage.configuration = { appliedAt: clock.now(), refused: null, atNextStart: linesThatFit(atNextStart) }
    const [first] = failed
    if (first !== undefined) {
      const others = failed.length === 1 ? '' : ` (and ${failed.length - 1} more)`
      noteRefused(`only for camera ${first.camera.id}${others}: ${errorText(first.error)}`)
    }
    const isCutShort = isStopping()
    const level = failed.length > 0 ? 'error' : atNextStart.length > 0 || isCutShort ? 'warn' : 'info'
    // Whatever level is configured: who has asked for it hears of it.
    const isSaid = level === 'error' || (level === 'warn' && stage.config.log.level !== 'error')
    log[isSaid ? level : 'always'](
      isCutShort ? 'configuration applied in part: the daemon is stopping' : 'configuration applied',
      {
        added: idsOf(changes.added),
        removed: idsOf(changes.removed),
        changed: idsOf(changes.changed),
        changedKeys: changes.changedKeys,
        unchanged: idsOf(changes.unchanged),
        ...(failed.length > 0 && { failed: idsOf(failed.map(({ camera }) => camera)) }),
        atNextStart,
      },
    )
  }

  async function inTime(read: () => Promise<ReadConfig>): Promise<ReadConfig> {
    // A read that a dead server holds up keeps a thread; one more each time, and no other file would be read or written.
    if (isReading) return unread('an earlier read of it has not ended')
    isReading = true
    const reading = read().finally(() => (isReading = false))
    let end = (): void => undefined
    const late = new Promise<ReadConfig>((resolve) => {
      const found = `no end of the read after ${readWithin / 1000} s`
      const timer = clock.setTimeout(() => resolve(unread(found)), readWithin)
      end = () => clock.clearTimeout(timer)
    })
    // What comes of it later is not applied.
    return Promise.race([reading, late]).finally(() => end())
  }

  function refuse(mistakes: readonly string[]): void {
    const [first = '', ...others] = mistakes
    noteRefused(others.length === 0 ? first : `${first} (and ${others.length} more)`)
    log.error(refused, { mistakes })
  }

  function noteRefused(why: string): void {
    stage.configuration = { ...stage.configuration, refused: { at: clock.now(), why: clip(why) } }
  }

  return (read) => {
    wanted = read
    return (working ??= work())
  }
}

/** The file, and those that hold its secrets; they may lie on a server that answers no more. */
const readWithin = seconds(30)

const unread = (found: string): ReadConfig => ({
  ok: false,
  mistakes: [`expected a configuration that can be read, and its secrets, found ${found}`],
})

const refused = 'configuration refused: nothing was changed'

const idsOf = (cameras: readonly CameraConfig[]) => cameras.map(({ id }) => id)
