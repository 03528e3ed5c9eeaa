import { csvColumns, type CsvFolder } from './csv-row.ts'
import { type CameraId, isCameraId } from './ids.ts'
import { compactTime, type EpochMs, epochMs } from './units.ts'

/** What a CSV file's name tells: `CAMERA_FOLDER_UTC_BOOT-SEQ.csv`. */
export interface CsvFileName {
  readonly cameraId: CameraId
  readonly folder: CsvFolder
  /** When the file was opened. */
  readonly openedAt: EpochMs
  /** Counts the files of one boot, from 1; with the boot it makes a name unique even if the wall clock steps back. */
  readonly sequence: number
  readonly boot: number
}

const pattern = /^([a-z0-9][a-z0-9-]{0,31})_(model|classifier|reader)_(\d{8}T\d{9}Z)_(\d+)-(\d{6,})\.csv$/

const isFolder = (folder: string | undefined): folder is CsvFolder => folder !== undefined && folder in csvColumns

/** `dock-1_model_20261122T020836123Z_7-000042.csv`: boot 7, file 42. */
export function formatCsvFileName({ cameraId, folder, openedAt, boot, sequence }: CsvFileName): string {
  return `${cameraId}_${folder}_${compactTime(openedAt)}_${boot}-${String(sequence).padStart(6, '0')}.csv`
}

/** `undefined` where `name` is not one of ours. */
export function parseCsvFileName(name: string): CsvFileName | undefined {
  const [, camera = '', folder, utc = '', boot, sequence] = pattern.exec(name) ?? []
  if (!isCameraId(camera) || !isFolder(folder)) return undefined
  const iso = utc.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z$/, '$1-$2-$3T$4:$5:$6.$7Z')
  const openedAt = Date.parse(iso)
  if (Number.isNaN(openedAt)) return undefined
  return { cameraId: camera, folder, openedAt: epochMs(openedAt), boot: Number(boot), sequence: Number(sequence) }
}

const packedEnds = { gzip: '.csv.gz', tar: '.tar.gz' } as const

/** The name (or path) of what a CSV file is packed into: its own, with another end. */
export const packedName = (csvName: string, as: keyof typeof packedEnds): string =>
  csvName.replace(/\.csv$/, packedEnds[as])

/** How a packed file was packed, by its name. */
export const packedAs = (path: string): keyof typeof packedEnds => (path.endsWith(packedEnds.gzip) ? 'gzip' : 'tar')

/** The CSV file that a packed one is named after; `undefined` where `name` is no packed one's. */
export function parsePackedName(name: string): CsvFileName | undefined {
  const [, stem] = /^(.+)\.(csv|tar)\.gz$/.exec(name) ?? []
  return stem === undefined ? undefined : parseCsvFileName(`${stem}.csv`)
}
