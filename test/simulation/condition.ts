import type { Estate, SimulatedProcess } from './simulated-process.ts'

/** Where each slot does its work. */
const atWork: Readonly<Record<string, string>> = {
  'root/csv-writer': 'writing',
  'root/uploader': 'delivering',
  'root/inference': 'serving',
  'root/inspector': 'listening',
  'root/manifest': 'open',
  'root/log': 'open',
}

/** CAMERA/FOLDER/FILE */
const sealedName = /^[^/]+\/(model|classifier|reader)\/[^/]+\.csv$/

/** The actors that are to be at work: the slots, and the cameras that are configured now. */
export function actorsOf({ daemon }: SimulatedProcess): string[] {
  const cameras = daemon.state().cameras.map(({ path }) => path)
  return [...Object.keys(atWork), ...cameras]
}

/** Every slot does its work, and every camera that there is streams, or has come to the end of its file. */
export function isReady({ states }: SimulatedProcess): boolean {
  for (const path in atWork) if (states.get(path) !== atWork[path]) return false
  for (const [path, state] of states) if (!(path in atWork) && !/^(streaming|finished)$/.test(state)) return false
  return true
}

/** No camera that is configured now is missing. Looked at last: what the daemon says of itself costs more than a step. */
export const allAreThere = (process: SimulatedProcess): boolean =>
  actorsOf(process).every((path) => process.states.has(path))

/** Who is in which state. */
export const inWords = ({ states }: SimulatedProcess): string =>
  [...states].map(([path, state]) => `${path} ${state}`).join(', ')

/** Sealed files that are on their way, or that the manifest doesn't know. */
export function undelivered(estate: Estate): string[] {
  if (estate.manifest.underway === 0) return hiddenFiles(estate)
  const underway = estate.manifest.entries.filter(({ state }) => state === 'pending' || state === 'sending')
  return underway.map(({ path, state }) => `${path} ${state}`)
}

/** Sealed files that wait to be packed. */
export const heldFiles = ({ manifest }: Estate): string[] =>
  manifest.entries.filter(({ state }) => state === 'held').map(({ path }) => path)

/** Sealed files of which the manifest has not heard. */
export const hiddenFiles = ({ manifest, disk }: Estate): string[] =>
  disk.paths.filter((path) => sealedName.test(path) && manifest.file(path) === undefined)
