import { fromPromise } from 'xstate'
import { fromEvents } from '../actors/from-events.ts'
import { Loose } from '../actors/loose.ts'
import type { CameraId } from '../domain/ids.ts'
import { priorityIn } from '../domain/priority.ts'
import { csvWriterMachine, type Scanned, type WriterFact } from '../machines/csv-writer-machine.ts'
import type { Drained } from '../machines/lifecycle.ts'
import { provide } from '../machines/provide.ts'
import type { Log } from '../ports/log.ts'
import type { Manifest } from '../ports/manifest.ts'
import { backUp } from '../storage/back-up.ts'
import { packPlanOf } from '../storage/pack-plan.ts'
import { areRowsUnderway, describeScan, type ScanReport } from '../storage/scan-report.ts'
import { scanDataFolder } from '../storage/start-scan.ts'
import { writeRows } from '../storage/write-rows.ts'
import { type ChildSpec, run } from '../supervision/index.ts'
import { reporting } from '../logging/reporting.ts'
import { after, retries } from './retries.ts'
import { manifestOf, type Stage } from './stage.ts'

export const csvWriterSlot = (stage: Stage): ChildSpec => ({
  id: 'csv-writer',
  restart: 'permanent',
  shutdown: stage.config.stop.csvWriter,
  startTimeout: 'infinity',
  start(incarnation) {
    const { world, config, queue, diskWatch, tally } = stage
    const { clock, disk, random, gzip } = world
    const priorityOf = (id: CameraId) => priorityIn(stage.cameras, id)
    const log = stage.log.at(incarnation.path)
    const pack = packPlanOf(config.csv.pack)
    const loose = new Loose(incarnation.signal)
    let unread: ScanReport['unread'] = []
    // What work that failed has left open is closed when it has settled.
    incarnation.defer(() => loose.settled().then(() => queue.ledger.released()))
    return run(
      provide(csvWriterMachine, {
        actors: {
          scanFolders: fromPromise<Scanned>(() => {
            // The machine leaves a scan that is under way only to end.
            const { signal } = incarnation
            const scan = async () => {
              const manifest = manifestOf(stage)
              await backUpOnce(stage, { manifest, log, signal })
              const report = await scanDataFolder({ disk, pack, manifest, clock, queue, priorityOf, signal })
              unread = report.unread
              log[areRowsUnderway(report) ? 'info' : 'warn']('scanned the data folder', { ...report })
              // It may have taken in files, and sealed what was open.
              stage.doorbell.ring()
              stage.files.changed()
              return { summary: describeScan(report) }
            }
            const scanned = scan()
            // A call to the disk that is under way when the scan is cut off is waited for; what it says then is heard by nobody.
            loose.add(scanned)
            return scanned.catch((error: unknown) => {
              if (signal.aborted) return new Promise<never>(() => undefined)
              throw error
            })
          }),
          writeRows: fromEvents<WriterFact, undefined, Drained>(loose, ({ signal, finish }) => {
            const manifest = manifestOf(stage)
            return reporting(
              log,
              writeRows({
                disk,
                queue,
                manifest,
                isManifestGone: () => stage.manifest !== manifest,
                clock,
                random,
                boot: stage.boot,
                rotation: config.csv.rotation,
                commitEvery: config.csv.commitEvery,
                priorityOf,
                watch: diskWatch,
                pack,
                gzip,
                unread,
                reserveBytes: config.disk.reserve,
                retry: retries.disk,
                signal,
                finish,
              }),
              (fact) => {
                if (fact.type === 'file.sealed' || fact.type === 'file.packed') incarnation.progress()
                if (fact.type === 'file.packed') stage.doorbell.ring()
                if (fact.type === 'file.refused') stage.files.changed()
                if (fact.type === 'file.adopted') {
                  stage.doorbell.ring()
                  stage.files.changed()
                }
                if (fact.type === 'file.sealed') {
                  tally.sealedFiles++
                  stage.doorbell.ring()
                  stage.files.changed()
                }
              },
            )
          }),
        },
        delays: { retryDelay: after(retries.disk, random) },
      }),
      // Nothing more comes in before this life takes it.
      { mayHoldRequests: queue.requests.waiting > 0 },
    )
  },
})

/** Once a process: what a writer of this process has left is mended from what is known of it. */
async function backUpOnce(
  { world, config, boot, queue, tally }: Stage,
  { manifest, log, signal }: { readonly manifest: Manifest; readonly log: Log; readonly signal: AbortSignal },
): Promise<void> {
  if (tally.backedUp) return
  tally.backedUp = true
  const tenure = await queue.ledger.takeOver(world.disk, signal)
  const backup = await backUp({
    disk: tenure.disk,
    clock: world.clock,
    boot,
    manifest,
    keep: config.backups.keep,
    leaveFree: config.disk.pauseBelow,
  }).finally(() => tenure.end())
  log[backup.why === undefined ? 'info' : 'warn']('backed up the manifest and open files', { ...backup })
}
