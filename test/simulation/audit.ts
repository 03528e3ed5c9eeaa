import { basename } from 'node:path'
import { csvColumns, type CsvFolder } from '../../src/domain/csv-row.ts'
import { parseCsvFileName } from '../../src/domain/file-name.ts'
import { arrived, setAside } from '../../src/domain/file-state.ts'
import { isoTime } from '../../src/domain/units.ts'
import type { RowKey, RowsAccepted } from '../../src/logging/acceptance-log.ts'
import type { Referee } from './referee.ts'
import { archiveOf, digestOf, resultsIn, shownBy, shownOn } from './shown.ts'
import type { Estate } from './simulated-process.ts'
import { seenIn, stateIn } from './witness.ts'

interface Row {
  readonly key: string
  /** The key without the detection. */
  readonly frame: string
  readonly boot: number
  readonly cameraId: string
  readonly folder: CsvFolder
  /** What names it within its boot, camera and folder. */
  readonly place: RowKey
  readonly capturedAt: string
  readonly label: string
  readonly file: string
}

/**
 * Holds what lies on the server, once all is delivered, against what the daemons had accepted and what the cameras had sent.
 * `calmSince`: so many changes the manifest had seen when nothing went wrong any more.
 */
export function audit(estate: Estate, referee: Referee, calmSince: number): void {
  const shown = shownOn(estate)
  const delivered = rowsIn(resultsIn(shown), () => true)
  // Set aside for somebody to look at, or forgotten by the server: kept, or not promised, and delivered to nobody.
  const aside = rowsIn({ ...filesAside(estate), ...resultsIn(estate.forgotten.excused) }, () => true)
  checkWhole(checkAccepted(delivered, aside, referee), estate, referee)
  const frames = new Map<string, string>()
  for (const row of delivered) checkPicture(row, frames, estate, referee)
  checkManifest(estate, shown, referee)
  checkRemoved(estate, calmSince, referee)
  checkSetAside(estate, calmSince, referee)
}

/** Each row is kept once, and those of each commit are. Where a process has drained, nothing is delivered that it had not accepted. Those that were promised. */
function checkAccepted(delivered: readonly Row[], aside: readonly Row[], referee: Referee): ReadonlySet<Row> {
  const { accepted } = referee
  const wrong = (why: string): void => referee.violate('every accepted row is in exactly one file exactly once', why)
  const kept = new Map<string, Row>()
  for (const row of delivered) {
    const twin = kept.get(row.key)
    if (twin) wrong(`${row.key} in ${twin.file} and ${row.file}`)
    kept.set(row.key, row)
  }
  // What was written and not accepted went into another file too, once its own was set aside.
  for (const row of aside) if (!kept.has(row.key)) kept.set(row.key, row)
  const bySeries = new Map<string, Row[]>()
  for (const row of kept.values()) bySeries.set(seriesOf(row), [...(bySeries.get(seriesOf(row)) ?? []), row])
  const promised = new Set<Row>()
  for (const commit of accepted.flatMap(({ commits }) => commits)) {
    const found = (bySeries.get(`${commit.boot},${commit.series}`) ?? []).filter(({ place }) => isIn(commit, place))
    if (found.length !== commit.rows) {
      const { boot, series, first, last, rows } = commit
      wrong(
        `boot ${boot} accepted ${rows} rows of ${series}, ${first.join()} to ${last.join()}; ${found.length} are kept`,
      )
    }
    for (const row of found) promised.add(row)
  }
  // A boot that failed to open its manifest repeats its number.
  const drained = accepted.filter((each) => accepted.every(({ boot, exactly }) => boot !== each.boot || exactly))
  const boots = new Set(drained.map(({ boot }) => boot))
  for (const row of delivered) {
    if (boots.has(row.boot) && !promised.has(row)) wrong(`${row.key} (${row.file}) was never accepted`)
  }
  return promised
}

/** One model's rows for one frame are accepted as a whole: they are all that its picture shows. */
function checkWhole(promised: ReadonlySet<Row>, { witness }: Estate, referee: Referee): void {
  const requests = new Map<string, Row[]>()
  for (const row of promised) {
    const request = `${row.frame},${row.folder}`
    requests.set(request, [...(requests.get(request) ?? []), row])
  }
  for (const [request, rows] of requests) {
    const [{ cameraId, capturedAt, folder, label }] = rows as [Row, ...Row[]]
    const told = label === '' ? 0 : rows.length
    const serials = label === '' ? witness.at(cameraId, capturedAt) : [serialIn(label)]
    const shown = serials.map((serial) => (folder === 'classifier' ? 1 : seenIn(serial).length))
    if (!shown.includes(told))
      referee.violate(
        'a row says what was seen in its picture',
        `${request} tells of ${told}, it shows ${shown.join()}`,
      )
  }
}

const serialIn = (label: string): number => Number(/^s(\d+)\./.exec(label)?.[1])

const seriesOf = ({ boot, cameraId, folder }: Row): string => `${boot},${cameraId}/${folder}`

const isIn = ({ first, last }: RowsAccepted, place: RowKey): boolean =>
  !isBefore(place, first) && !isBefore(last, place)

function isBefore(one: RowKey, other: RowKey): boolean {
  const differing = one.findIndex((part, index) => part !== other[index])
  return differing >= 0 && (one[differing] as number) < (other[differing] as number)
}

/** What it says of each file, held against the disk and the server. */
function checkManifest(
  { manifest, disk, forgotten, site }: Estate,
  shown: ReadonlyMap<string, Uint8Array>,
  referee: Referee,
): void {
  const excused = forgotten.excused
  const present = shownBy(site)
  for (const { path, state, sha256, why } of manifest.entries) {
    const here = digestOf(disk.content(path))
    const wrong = (what: string): void =>
      referee.violate('what the manifest says of a file is so', `${path} is ${state}: ${what}`)
    if (state === 'refused') wrong('whatever was sealed stays as it is')
    if (state === 'conflict' && digestOf(present.get(path)) === sha256) wrong('the server has the very same')
    if (state === 'conflict' && !site.strangers.names.has(path)) wrong('nobody else ever had its name')
    const isRemoved = state === 'removed' || (state === 'packed' && manifest.file(archiveOf(why))?.state === 'removed')
    // A process that was killed as it was about to delete it has left it here.
    if (here === undefined ? !isRemoved : here !== sha256) wrong(here === undefined ? 'it is gone' : 'another is here')
    const there = digestOf(shown.get(path) ?? excused.get(path))
    if (arrived.some((each) => each === state) && there !== sha256) wrong('the server never had it')
  }
}

/** What was recorded as removed when nothing went wrong any more is gone, and all that was packed into it. */
function checkRemoved({ manifest, disk }: Estate, calmSince: number, referee: Referee): void {
  const removed = new Set(manifest.changes.slice(calmSince).flatMap(({ path, to }) => (to === 'removed' ? [path] : [])))
  for (const { path, why } of manifest.entries) {
    const whole = removed.has(path) ? path : archiveOf(why)
    if (!removed.has(whole) || disk.content(path) === undefined) continue
    referee.violate('what the manifest says of a file is so', `${path} is here, and ${whole} is removed`)
  }
}

/** What is set aside when nothing goes wrong any more, is so for a reason. A try that had begun before that may have failed for another. */
function checkSetAside({ manifest, site }: Estate, calmSince: number, referee: Referee): void {
  const tried = new Set<string>()
  for (const { path, to } of manifest.changes.slice(calmSince)) {
    if (to === 'sending') tried.add(path)
    if (to === 'deadLetter' && tried.has(path) && !site.refusedFiles.names.has(path))
      referee.violate('what the manifest says of a file is so', `${path} was a dead letter, and nobody had refused it`)
  }
}

/** An open file is set aside only where something was wrong with it: rows of others are lost. */
function filesAside({ manifest, disk, struck }: Estate): Record<string, string> {
  const isAside = (path: string): boolean => setAside.some((aside) => aside === manifest.file(path)?.state)
  const isExcused = (path: string): boolean =>
    /\.(failed|broken)$/.test(path) && struck.has(path.replace(/(failed|broken)$/, 'open'))
  const paths = disk.paths.filter((path) => isExcused(path) || isAside(path))
  return resultsIn(new Map(paths.map((path) => [path, Buffer.from(disk.content(path) ?? [])])))
}

/** `frames`: which frame shows each picture, each time that it came. */
function checkPicture(row: Row, frames: Map<string, string>, { witness }: Estate, referee: Referee): void {
  const wrong = (why: string): void =>
    referee.violate('a row says what was seen in its picture', `${row.key} (${row.file}): ${why}`)
  const [, , detection] = row.place
  if (detection === 0) {
    if (row.label !== '') wrong(`nothing seen, and called ${row.label}`)
    return
  }
  const serial = serialIn(row.label)
  const drawn = witness.drawn(serial)
  if (drawn === undefined) return wrong(`no picture has the label ${row.label}`)
  if (drawn.cameraId !== row.cameraId) wrong(`its picture is of ${drawn.cameraId}`)
  const cameAt = drawn.capturedAt.map(isoTime)
  if (!cameAt.includes(row.capturedAt)) wrong(`its picture came at ${cameAt.join(', ')}`)
  const shown = `${serial} at ${row.capturedAt}`
  const other = frames.get(shown) ?? row.frame
  frames.set(shown, row.frame)
  if (other !== row.frame) wrong(`its picture is that of ${other}`)
  const seen = row.folder === 'classifier' ? stateIn(serial) : seenIn(serial)[detection - 1]
  if (seen !== row.label) wrong(`its picture shows ${seen ?? 'less'}`)
}

function rowsIn(files: Readonly<Record<string, string>>, which: (path: string) => boolean): Row[] {
  return Object.entries(files)
    .filter(([path]) => which(path))
    .flatMap(([file, text]) => {
      const folder = parseCsvFileName(basename(file).replace(/\.(failed|broken)$/, ''))?.folder
      if (folder === undefined) return []
      const [, ...lines] = text.split('\n')
      return lines
        .filter((line) => line.split(',').length === csvColumns[folder].length)
        .map((line) => {
          const [boot, cameraId = '', epoch, frame, detection, capturedAt = '', , label = ''] = line.split(',')
          const key = [boot, cameraId, folder, epoch, frame, detection].join(',')
          const place: RowKey = [Number(epoch), Number(frame), Number(detection)]
          const about = { key, frame: [boot, cameraId, epoch, frame].join(','), boot: Number(boot), cameraId }
          return { ...about, folder, place, capturedAt, label, file }
        })
    })
}
