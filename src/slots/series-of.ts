import type { CameraConfig } from '../config/config.ts'
import { csvFolders } from '../domain/csv-row.ts'
import type { SeriesPath } from '../storage/row-queue.ts'

/** The series that rows of these cameras go to: one for each model of a camera. The latest answer is kept. */
export function createSeriesOf(): (cameras: readonly CameraConfig[]) => ReadonlySet<SeriesPath> {
  let latest: { readonly cameras: readonly CameraConfig[]; readonly series: ReadonlySet<SeriesPath> } | undefined
  return (cameras) => {
    if (latest?.cameras !== cameras) latest = { cameras, series: new Set(cameras.flatMap(seriesOfCamera)) }
    return latest.series
  }
}

/** Likewise of one. */
export const seriesOfCamera = (camera: CameraConfig): SeriesPath[] =>
  Object.entries(csvFolders)
    .filter(([kind]) => camera[kind as keyof typeof csvFolders] !== undefined)
    .map(([, folder]): SeriesPath => `${camera.id}/${folder}`)
