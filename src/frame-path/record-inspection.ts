import { type CsvRequest, csvRequest } from '../domain/csv-row.ts'
import type { FrameId } from '../domain/frame.ts'
import type { BootNumber } from '../domain/ids.ts'
import type { Inspection } from '../domain/inspection.ts'
import type { RowSink } from '../ports/row-sink.ts'

/** Turns inspections into rows and hands them to the writer's queue: one request for each model's finding. */
export interface InspectionRecorder {
  /** Hands over at once. What the writer refuses, the writer counts. */
  record(inspection: Inspection): void
  /**
   * Waits for room before each request, and waits again where it was refused after all.
   *
   * If `signal` aborts, what is left is handed over at once, as `record` does: a row is refused and counted then, but never just gone.
   */
  recordWhenRoom(inspection: Inspection, signal: AbortSignal): Promise<void>
}

/** `onAtBound` hears of each finding of which rows may be missing, since as much was found as is kept. */
export function createInspectionRecorder(
  boot: BootNumber,
  sink: RowSink,
  onAtBound: (frame: FrameId, model: string) => void = () => undefined,
): InspectionRecorder {
  const tellOfBounds = ({ frame, findings }: Inspection): void => {
    for (const finding of findings)
      if (finding.kind !== 'classify' && finding.isAtBound === true) onAtBound(frame, finding.model)
  }

  // One at a time of those that go to the same place: told of the same last one, both would take it, and one be refused.
  const turns = new Map<string, Promise<void>>()

  const append = async (request: CsvRequest, signal: AbortSignal): Promise<void> => {
    for (;;) {
      const hasRoom = await sink.room(request, signal).then(
        () => true,
        (error: unknown) => {
          if (!signal.aborted) throw error
          return false
        },
      )
      if (sink.append(request) || !hasRoom) return
    }
  }

  return {
    record(inspection) {
      const { frame, findings } = inspection
      tellOfBounds(inspection)
      for (const finding of findings) sink.append(csvRequest(boot, frame, finding))
    },

    async recordWhenRoom(inspection, signal) {
      const { frame, findings } = inspection
      tellOfBounds(inspection)
      for (const finding of findings) {
        const request = csvRequest(boot, frame, finding)
        const series = `${request.cameraId}/${request.folder}`
        const mine = (turns.get(series) ?? Promise.resolve()).then(() => append(request, signal))
        turns.set(
          series,
          mine.catch(() => undefined),
        )
        await mine
      }
    },
  }
}
