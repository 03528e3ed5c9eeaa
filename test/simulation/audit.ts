import { csvColumns } from '../../src/domain/csv-row.ts'
import { setAside } from '../../src/domain/file-state.ts'
import { isoTime } from '../../src/domain/units.ts'
import type { Accepted, Referee } from './referee.ts'
import type { Estate } from './simulated-process.ts'
import { seenIn } from './witness.ts'

interface Row {
  readonly key: string
  readonly boot: number
  readonly cameraId: string
  readonly detection: number
  readonly capturedAt: string
  readonly label: string
  readonly file: string
}

/** Holds what lies on the server, once all is delivered, against what the daemons had accepted and what the cameras had sent. */
export function audit(estate: Estate, referee: Referee): void {
  const delivered = rowsIn(estate.site.server.tree(), (path) => path.endsWith('.csv'))
  // Set aside for somebody to look at: kept, and delivered to nobody.
  const aside = rowsIn(estate.disk.files(), (path) => /\.(failed|broken)$/.test(path) || isSetAside(path, estate))
  const byKey = new Map<string, Row>()
  for (const row of delivered) {
    const twin = byKey.get(row.key)
    if (twin) {
      referee.violate(
        'every accepted row is in exactly one file exactly once',
        `${row.key} in ${twin.file} and ${row.file}`,
      )
    }
    byKey.set(row.key, row)
    checkPicture(row, estate, referee)
  }
  const kept = new Set([...byKey.keys(), ...aside.map(({ key }) => key)])
  for (const accepted of total(referee.accepted)) {
    const prefix = `${accepted.boot},${accepted.cameraId},`
    const found = [...kept].filter((key) => key.startsWith(prefix)).length
    if (found < accepted.rows || (accepted.exactly && aside.length === 0 && found > accepted.rows)) {
      referee.violate(
        'every accepted row is in exactly one file exactly once',
        `boot ${accepted.boot} accepted ${accepted.rows} rows of ${accepted.cameraId}; ${found} are kept`,
      )
    }
  }
}

function isSetAside(path: string, { manifest }: Estate): boolean {
  const state = manifest.file(path)?.state
  return setAside.some((aside) => aside === state)
}

/** A boot that failed to open its manifest repeats its number. */
function total(accepted: readonly Accepted[]): Accepted[] {
  const sums = new Map<string, Accepted>()
  for (const each of accepted) {
    const key = `${each.boot} ${each.cameraId}`
    const before = sums.get(key)
    sums.set(key, before ? { ...each, rows: before.rows + each.rows, exactly: false } : each)
  }
  return [...sums.values()]
}

function checkPicture(row: Row, { witness }: Estate, referee: Referee): void {
  const wrong = (why: string): void =>
    referee.violate('a row says what was seen in its picture', `${row.key} (${row.file}): ${why}`)
  if (row.detection === 0) {
    if (row.label !== '') wrong(`nothing seen, and called ${row.label}`)
    return
  }
  const serial = Number(/^s(\d+)\./.exec(row.label)?.[1])
  const drawn = witness.drawn(serial)
  if (drawn === undefined) return wrong(`no picture has the label ${row.label}`)
  if (drawn.cameraId !== row.cameraId) wrong(`its picture is of ${drawn.cameraId}`)
  if (isoTime(drawn.capturedAt) !== row.capturedAt) wrong(`its picture came at ${isoTime(drawn.capturedAt)}`)
  if (seenIn(serial)[row.detection - 1] !== row.label) wrong(`its picture shows ${seenIn(serial).join(', ')}`)
}

function rowsIn(files: Readonly<Record<string, string>>, which: (path: string) => boolean): Row[] {
  return Object.entries(files)
    .filter(([path]) => which(path))
    .flatMap(([file, text]) => {
      const [, ...lines] = text.split('\n')
      return lines
        .filter((line) => line.split(',').length === csvColumns.model.length)
        .map((line) => {
          const [boot, cameraId = '', epoch, frame, detection, capturedAt = '', , label = ''] = line.split(',')
          const key = [boot, cameraId, epoch, frame, detection].join(',')
          return { key, boot: Number(boot), cameraId, detection: Number(detection), capturedAt, label, file }
        })
    })
}
