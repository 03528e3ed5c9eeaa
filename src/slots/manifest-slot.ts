import { createResourceActors } from '../actors/resource.ts'
import { resourceMachine } from '../machines/resource-machine.ts'
import { provide } from '../machines/provide.ts'
import type { Manifest } from '../ports/manifest.ts'
import { type ChildSpec, run } from '../supervision/index.ts'
import { isForWantOfRoom } from '../storage/disk-faults.ts'
import { giveUpReserve } from '../storage/reserve.ts'
import type { Stage } from './stage.ts'

/** Opens the manifest and counts the boot. Its crash takes along those that hold it. */
export const manifestSlot = (stage: Stage): ChildSpec => ({
  id: 'manifest',
  restart: 'permanent',
  shutdown: stage.config.stop.others,
  startTimeout: 'infinity',
  takesAlong: ['csv-writer', 'uploader'],
  start(incarnation) {
    let manifest: Manifest | undefined
    let breakDown: (bug: unknown) => void = () => undefined
    const broken = new Promise<never>((_, reject) => (breakDown = reject))
    // Found while nobody looks any more, it concerns nobody.
    broken.catch(() => undefined)
    let closing: Promise<void> | undefined
    const letGo = async (open: Manifest) => {
      await stage.files.release()
      await open.close()
    }
    // Whoever comes second waits for the first.
    const close = async () => {
      const open = manifest
      manifest = undefined
      stage.manifest = undefined
      if (open !== undefined) closing = letGo(open)
      await closing
    }
    // For a life that is cut off; one that drains has closed already.
    incarnation.defer(close, stage.config.stop.others)
    return run(
      provide(resourceMachine, {
        actors: createResourceActors({
          async open() {
            manifest = await makingRoom(stage, () => stage.world.openManifest())
            // One boot a process: rows, file names and what the page says agree, also after the manifest was opened again.
            const opened = manifest
            if (stage.boot === 0) {
              stage.boot = await makingRoom(stage, () => opened.beginBoot(stage.world.clock.now()))
            }
            stage.manifest = manifest
            await stage.files.attach(manifest, breakDown)
            // Cut off while it opened: its disposer has run, and nobody else would close it.
            if (incarnation.signal.aborted) await close()
            return `open, boot ${stage.boot}`
          },
          close,
          broken,
        }),
      }),
    )
  },
})

/** On a full disk the room that the writer has set aside is given up for it, and the writer sets it aside again when it can. */
async function makingRoom<Result>({ world }: Stage, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    if (!isForWantOfRoom(error)) throw error
    await giveUpReserve(world.disk)
    return work()
  }
}
