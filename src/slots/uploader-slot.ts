import { fromEvents } from '../actors/from-events.ts'
import { Loose } from '../actors/loose.ts'
import { disposersOf } from '../config/longest-stop.ts'
import { deliverDue } from '../delivery/deliver-due.ts'
import { type DeliveryFact, type DeliveryInput, uploaderMachine } from '../machines/uploader-machine.ts'
import { provide } from '../machines/provide.ts'
import { ManifestClosedError } from '../domain/manifest-errors.ts'
import { backoffDelay } from '../domain/backoff.ts'
import { type ChildSpec, run } from '../supervision/index.ts'
import { reporting } from '../logging/reporting.ts'
import { after, retries } from './retries.ts'
import type { Stage } from './stage.ts'

/** Files that are claimed at a time; the manifest holds the rest. */
export const claimWindow = 100

export const uploaderSlot = (stage: Stage): ChildSpec => ({
  id: 'uploader',
  restart: 'permanent',
  shutdown: stage.config.stop.uploader,
  startTimeout: 'infinity',
  start(incarnation) {
    const { config, world, delivery, suspicion, filesAtOnce, removals, doorbell } = stage
    const { clock, random, disk, sftpConnector } = world
    const { folder, temporary, verify, keepFor, deadLetterAfter, probeEvery, filesInFlight } = config.sftp
    const log = stage.log.at(incarnation.path)
    const loose = new Loose(incarnation.signal)
    incarnation.defer(() => loose.settled(), disposersOf(config.stop).uploader)
    return run(
      provide(uploaderMachine, {
        actors: {
          deliverDue: fromEvents<DeliveryFact, DeliveryInput, { left: number }>(
            loose,
            ({ input: { roomFor }, signal, finish }) => {
              const { manifest } = stage
              // One that has failed is closed before it takes us along: until then we are as with a server that is away.
              if (manifest === undefined) throw new ManifestClosedError()
              return reporting(
                log,
                deliverDue({
                  server: sftpConnector,
                  names: { folder, temporary },
                  ...{ verify, keepFor, removals, deadLetterAfter, probeEvery, suspicion, roomFor },
                  disk,
                  manifest,
                  clock,
                  random,
                  retry: retries.file,
                  window: claimWindow,
                  filesInFlight,
                  atOnce: filesAtOnce,
                  counters: delivery,
                  wake: doorbell,
                  signal,
                  finish,
                }),
                (fact) => {
                  if (fact.type === 'file.delivered') incarnation.progress()
                  stage.files.changed()
                },
              )
            },
          ),
        },
        delays: {
          reconnectDelay: after(retries.server, random),
          probeDelay: () => backoffDelay(retries.refusal, 1, random()),
        },
      }),
      { server: sftpConnector.address },
    )
  },
})
