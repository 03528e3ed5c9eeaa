import type { RowKey, RowsAccepted } from '../../src/logging/acceptance-log.ts'
import type { Row } from '../../test/e2e/support/site.ts'
import type { Evidence, Print } from './evidence.ts'

/** All that is wrong; empty where nothing accepted was lost, doubled, or shown before it was whole. */
export const faultsOf = (evidence: Evidence): string[] => [
  ...rowFaults(evidence.commits, evidence.rows, 'on the server'),
  ...seenFaults(evidence),
  ...manifestFaults(evidence),
  ...sightingFaults(evidence),
]

/** What is wrong with `rows`, which are all that stand in one place, when these commits were accepted. */
export function rowFaults(commits: readonly RowsAccepted[], rows: readonly Row[], where: string): string[] {
  const faults: string[] = []
  const places = new Map<string, number>()
  for (const row of rows.toSorted(byKey)) {
    const key = nameOf(row)
    if (places.has(key)) faults.push(`row ${key} is ${where} more than once, again in ${row.file}`)
    else places.set(key, places.size)
  }
  for (const { series, boot, first, last, rows: accepted } of commits) {
    const [from, to] = [first, last].map((key) => places.get(`${series} ${boot} ${key.join('/')}`))
    const found = from === undefined || to === undefined ? 'not both of its ends' : to - from + 1
    if (found !== accepted) {
      const range = `${first.join('/')} to ${last.join('/')}`
      faults.push(`of ${accepted} rows accepted in ${series} in boot ${boot}, ${range}, ${where} there are ${found}`)
    }
  }
  return faults
}

/** Whoever writes a row whole has promised it, whatever the log says. */
function seenFaults({ seenOnDisk, rows }: Evidence): string[] {
  if (seenOnDisk === undefined) return []
  const arrived = new Set(rows.map(nameOf))
  const lost = [...seenOnDisk.rows].flatMap(([name, file]) =>
    arrived.has(name) ? [] : [`row ${name} stood in ${file} after a kill, and is not on the server`],
  )
  return [...seenOnDisk.faults, ...lost]
}

const keyOf = ({ epoch, frame, detection }: Row): RowKey => [epoch, frame, detection]

const seriesOf = ({ camera, folder, boot }: Row): string => `${camera}/${folder} ${boot}`

/** As `SeenOnDisk` has it. */
export const nameOf = (row: Row): string => `${seriesOf(row)} ${keyOf(row).join('/')}`

function byKey(a: Row, b: Row): number {
  if (seriesOf(a) !== seriesOf(b)) return seriesOf(a) < seriesOf(b) ? -1 : 1
  const [left, right] = [keyOf(a), keyOf(b)]
  return left.map((part, index) => part - (right[index] ?? 0)).find((difference) => difference !== 0) ?? 0
}

function manifestFaults({ manifest, local, remote }: Evidence): string[] {
  const faults: string[] = []
  const compare = (path: string, where: string, expected: Print, found: Print | undefined): void => {
    const print = found && `${found.bytes} bytes, ${found.sha256}`
    if (print !== `${expected.bytes} bytes, ${expected.sha256}`) {
      faults.push(
        `${path} is ${print ?? 'not there'} ${where}, ${expected.bytes} bytes, ${expected.sha256} in the manifest`,
      )
    }
  }
  for (const file of manifest) {
    if (file.state !== 'delivered') faults.push(`${file.path} is ${file.state} in the manifest`)
    compare(file.path, 'here', file, local.get(file.path))
    compare(file.path, 'on the server', file, remote.get(file.path))
  }
  const known = new Set(manifest.map(({ path }) => path))
  for (const path of local.keys()) if (!known.has(path)) faults.push(`${path} is here and not in the manifest`)
  for (const path of remote.keys())
    if (!known.has(path)) faults.push(`${path} is on the server and not in the manifest`)
  return faults
}

function sightingFaults({ sightings, remote }: Evidence): string[] {
  if (sightings === undefined) return []
  const faults = [...sightings].flatMap(([path, seen]) => {
    const end = remote.get(path)
    if (end?.sha256 === seen.sha256) return []
    return [
      `${path} had ${seen.bytes} bytes when it was first seen on the server, and ${end?.bytes ?? 'no'} in the end`,
    ]
  })
  // Files of before the first look, or of between two looks, may be missed; a look-out that sees little proves little.
  if (sightings.size * 2 < remote.size) {
    faults.push(`of ${remote.size} files on the server only ${sightings.size} were seen while it ran`)
  }
  return faults
}
