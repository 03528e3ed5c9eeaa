import type { CsvFileName } from './file-name.ts'
import type { CameraId, Epoch } from './ids.ts'
import type { EpochMs } from './units.ts'

/** A file that will never change again, by its path relative to the data folder (also its path below the server's folder). */
export interface SealedFile {
  /** `dock-1/model/dock-1_model_20261122T020836123Z_7-000042.csv`, with forward slashes. */
  readonly path: string
  readonly bytes: number
  /** Lower case hex of the SHA-256 of the whole file. */
  readonly sha256: string
  /** Data rows, the header not counted. */
  readonly rows: number
  /** Of its camera when it was sealed; files of a higher one are delivered first. */
  readonly priority: number
}

/** What is said of a sealed file whenever anything is: who hears it first then knows what file that is. */
export type FileWords = Pick<SealedFile, 'path' | 'rows' | 'bytes' | 'sha256'>

export const fileWords = ({ path, rows, bytes, sha256 }: SealedFile): FileWords => ({ path, rows, bytes, sha256 })

/** Which frame a sealed picture shows. */
export interface ImageFacts {
  readonly cameraId: CameraId
  readonly epoch: Epoch
  readonly frame: number
  readonly capturedAt: EpochMs
  readonly widthPx: number
  readonly heightPx: number
}

/** CAMERA/FOLDER/FILE. */
export const csvFilePath = (name: CsvFileName, fileName: string): string =>
  `${name.cameraId}/${name.folder}/${fileName}`
