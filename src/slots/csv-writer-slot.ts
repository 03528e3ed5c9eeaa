import { fromPromise } from 'xstate'
import { fromEvents } from '../actors/from-events.ts'
import { Loose } from '../actors/loose.ts'
import { csvWriterMachine, type Scanned, type WriterFact } from '../machines/csv-writer-machine.ts'
import { defaultPriority } from '../domain/sealed-file.ts'
import type { CameraId } from '../domain/ids.ts'
import type { Drained } from '../machines/lifecycle.ts'
import { provide } from '../machines/provide.ts'
import { describeScan, type ScanReport } from '../storage/scan-report.ts'
import { backUp } from '../storage/back-up.ts'
import { packPlanOf } from '../storage/pack-files.ts'
import { scanDataFolder } from '../storage/start-scan.ts'
import { writeRows } from '../storage/write-rows.ts'
import { type ChildSpec, run } from '../supervision/index.ts'
import { manifestOf, type Stage } from './stage.ts'
import { after, retries } from './retry.ts'
import { reporting } from './reporting.ts'

export const csvWriterSlot = (stage: Stage): ChildSpec => ({
  id: 'csv-writer',
  restart: 'permanent',
  shutdown: stage.config.stop.csvWriter,
  startTimeout: 'infinity',
  start(incarnation) {
    const { world, config, queue, diskWatch, tally } = stage
    const { clock, disk, random, gzip } = world
    // Of a camera that is not configured any more, whose files are still here, too.
    const priorityOf = (id: CameraId) => stage.cameras.find((camera) => camera.id === id)?.priority ?? defaultPriority
    const log = stage.log.at(incarnation.path)
    const pack = packPlanOf(config.csv.pack)
    const loose = new Loose(incarnation.signal)
    let unread: ScanReport['unread'] = []
    incarnation.defer(() => loose.settled())
    return run(
      provide(csvWriterMachine, {
        actors: {
          scanFolders: fromPromise<Scanned>(({ signal: stopped }) => {
            const signal = AbortSignal.any([stopped, incarnation.signal])
            const scan = async () => {
              const manifest = manifestOf(stage)
              // Once a process: what a writer of this process has left is mended from what is known of it.
              if (!stage.tally.backedUp) {
                stage.tally.backedUp = true
                const { keep } = config.backups
                const leaveFree = config.disk.pauseBelow
                const options = { clock, boot: stage.boot, manifest, keep, leaveFree }
                const tenure = await queue.ledger.takeOver(disk, signal)
                const backup = await backUp({ ...options, disk: tenure.disk }).finally(() => tenure.end())
                log[backup.why === undefined ? 'info' : 'warn']('backed up the manifest and open files', { ...backup })
              }
              const report = await scanDataFolder({ disk, pack, manifest, clock, queue, priorityOf, signal })
              unread = report.unread
              log[unread.length === 0 ? 'info' : 'warn']('scanned the data folder', { ...report })
              return { summary: describeScan(report) }
            }
            const scanned = scan()
            // A call to the disk that is under way when the scan is cut off is waited for; what it says then is heard by nobody.
            loose.add(scanned)
            return scanned.catch((error: unknown) => {
              if (incarnation.signal.aborted) return new Promise<never>(() => undefined)
              throw error
            })
          }),
          writeRows: fromEvents<WriterFact, undefined, Drained>(loose, ({ signal, finish }) =>
            reporting(
              log,
              writeRows({
                disk,
                queue,
                manifest: manifestOf(stage),
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
            ),
          ),
        },
        delays: { retryDelay: after(retries.disk, random) },
      }),
      // Nothing more comes in before this life takes it.
      { mayHoldRequests: queue.requests.waiting > 0 },
    )
  },
})
