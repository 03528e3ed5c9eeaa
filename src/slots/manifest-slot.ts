import { Loose } from '../actors/loose.ts'
import { createResourceActors } from '../actors/resource.ts'
import { resourceMachine } from '../machines/resource-machine.ts'
import { provide } from '../machines/provide.ts'
import type { Manifest } from '../ports/manifest.ts'
import { type ChildSpec, run } from '../supervision/index.ts'
import { makingRoom } from '../storage/reserve.ts'
import { after, retries } from './retries.ts'
import type { Stage } from './stage.ts'

/**
 * Opens the manifest and counts the boot. Its crash takes along those that hold it.
 *
 * Where a disposer gave up waiting for a closing that hangs, the next life waits for it instead, as a start waits for the
 * world (docs/decisions/0065-a-start-waits.md): the data folder is held until then, from this process too.
 */
export function manifestSlot(stage: Stage): ChildSpec {
  return specOf(stage, { earlier: undefined })
}

/** `earlier`: resolves when no life up to now has the manifest, or is still opening it. */
const specOf = (stage: Stage, lives: { earlier: Promise<unknown> | undefined }): ChildSpec => ({
  id: 'manifest',
  restart: 'permanent',
  shutdown: stage.config.stop.others,
  startTimeout: 'infinity',
  takesAlong: ['csv-writer', 'uploader'],
  start(incarnation) {
    // The last to be called, whether the closing has come to its end or was given up.
    incarnation.defer(() => void (stage.isLettingGo = false))
    let manifest: Manifest | undefined
    let breakDown: (bug: unknown) => void = () => undefined
    const broken = new Promise<never>((_, reject) => (breakDown = reject))
    // Found while nobody looks any more, it concerns nobody.
    broken.catch(() => undefined)
    let closing: Promise<void> | undefined
    const letGo = async (held: Manifest) => {
      // Where a disposer gave up waiting, the next life has handed on another by now.
      try {
        if (stage.manifest === held) {
          stage.manifest = undefined
          await stage.files.release()
        }
      } finally {
        // Whatever became of the last count: what stays open is open to no later life.
        await held.close()
      }
    }
    // Whoever comes second waits for the first.
    const close = async () => {
      const held = manifest
      manifest = undefined
      if (held !== undefined) closing = letGo(held)
      await closing
    }
    const { signal } = incarnation
    const { earlier } = lives
    const open = async (): Promise<string> => {
      if (earlier !== undefined) await earlier
      signal.throwIfAborted()
      // Of what follows in a later life nothing fails by the world: what is tried again has opened nothing.
      const opened = await makingRoom(stage.world.disk, () => stage.world.openManifest())
      manifest = opened
      // A life that is over counts no boot and hands nothing on: whoever waits for this closes it.
      signal.throwIfAborted()
      // One boot a process: rows, file names and what the page says agree, also after the manifest was opened again.
      if (stage.boot === 0) {
        const boot = await makingRoom(stage.world.disk, () => opened.beginBoot(stage.world.clock.now()))
        signal.throwIfAborted()
        stage.boot = boot
      }
      stage.manifest = opened
      await stage.files.attach(opened, breakDown)
      return `open, boot ${stage.boot}`
    }
    const loose = new Loose(signal)
    // For a life that is cut off, amid its opening too; one that drains has closed already.
    incarnation.defer(() => {
      stage.isLettingGo = true
      const isOver = loose.settled().then(close)
      lives.earlier = isOver.catch(() => undefined)
      return isOver
    }, stage.config.stop.others)
    return run(
      provide(resourceMachine, {
        actors: createResourceActors({
          open() {
            const opening = open()
            loose.add(opening)
            return opening
          },
          close,
          broken,
        }),
        delays: { reopenDelay: after(retries.disk, stage.world.random) },
      }),
      { openedOnce: stage.boot > 0 },
    )
  },
})
