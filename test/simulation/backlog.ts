import { createHash } from 'node:crypto'
import type { Config } from '../../src/config/config.ts'
import { csvRequest } from '../../src/domain/csv-row.ts'
import { formatCsvFileName } from '../../src/domain/file-name.ts'
import { csvFilePath } from '../../src/domain/sealed-file.ts'
import { epochMs, type EpochMs, seconds } from '../../src/domain/units.ts'
import { createRowFormatter, headerLine } from '../../src/storage/csv-format.ts'
import { handOverOf, packPlanOf } from '../../src/storage/pack-plan.ts'
import type { Referee } from './referee.ts'
import type { Estate } from './simulated-process.ts'
import { findingOf } from './simulated-models.ts'

/**
 * What a process before the first has left: `count` sealed files that nobody has sent or packed, of one picture each. With it,
 * the uploader has work from the moment on in which it is connected, while the rest is still being started, and the packer at once.
 */
export async function leaveBacklog(
  count: number,
  at: EpochMs,
  { config, estate, referee }: { readonly config: Config; readonly estate: Estate; readonly referee: Referee },
): Promise<void> {
  const { cameras } = config
  const boot = await estate.manifest.beginBoot(at)
  const formatter = createRowFormatter()
  for (let sequence = 1; sequence <= count; sequence++) {
    const camera = cameras[sequence % cameras.length] as (typeof cameras)[number]
    const capturedAt = epochMs(at + seconds(sequence))
    const serial = estate.witness.draw(camera.id, capturedAt)
    const frame = { cameraId: camera.id, epoch: 1, number: sequence, capturedAt }
    const { rows } = csvRequest(boot, frame, findingOf('detect', 'particles', serial))
    const name = { cameraId: camera.id, folder: 'model', openedAt: capturedAt, boot, sequence } as const
    const path = csvFilePath(name, formatCsvFileName(name))
    const content = Buffer.concat([headerLine('model'), formatter(rows)])
    estate.disk.put(path, content)
    const sha256 = createHash('sha256').update(content).digest('hex')
    const { length: bytes } = content
    const file = { path, bytes, sha256, rows: rows.length, priority: camera.priority }
    await estate.manifest.add(file, capturedAt, handOverOf(packPlanOf(config.csv.pack)))
    const [first, last] = [
      [1, sequence, Number(rows[0]?.[4])] as const,
      [1, sequence, Number(rows.at(-1)?.[4])] as const,
    ]
    const commit = { boot, series: `${camera.id}/model`, first, last, requests: 1, rows: rows.length } as const
    referee.accepted.push({ boot, commits: [commit], exactly: true })
  }
}
