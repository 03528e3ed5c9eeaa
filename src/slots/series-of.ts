import type { CameraConfig } from '../config/config.ts'
import type { CsvFolder } from '../domain/csv-row.ts'
import type { SeriesPath } from '../storage/row-queue.ts'

const folders = { detect: 'model', classify: 'classifier', read: 'reader' } as const satisfies Partial<
  Record<keyof CameraConfig, CsvFolder>
>

/** The series that rows of these cameras go to: one for each model of a camera. The latest answer is kept. */
export function createSeriesOf(): (cameras: readonly CameraConfig[]) => ReadonlySet<SeriesPath> {
  let latest: { readonly cameras: readonly CameraConfig[]; readonly series: ReadonlySet<SeriesPath> } | undefined
  return (cameras) => {
    if (latest?.cameras !== cameras) latest = { cameras, series: new Set(cameras.flatMap(seriesOfCamera)) }
    return latest.series
  }
}

const seriesOfCamera = (camera: CameraConfig): SeriesPath[] =>
  Object.entries(folders)
    .filter(([kind]) => camera[kind as keyof typeof folders] !== undefined)
    .map(([, folder]): SeriesPath => `${camera.id}/${folder}`)
