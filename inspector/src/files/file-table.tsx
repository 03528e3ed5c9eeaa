import { useContext, useState } from 'preact/hooks'
import { durationWords } from '../../../src/domain/duration-words.ts'
import { byteCount } from '../../../src/domain/byte-count.ts'
import { setAside } from '../../../src/domain/file-state.ts'
import type { FileChange, FileView } from '../../../src/inspection-feed/file-protocol.ts'
import { fileHistory } from './files-client.ts'
import { count, moment, momentMs } from '../parts/format.ts'
import { InSight } from '../parts/in-sight.tsx'
import { Operator, retryRequest } from '../operate.ts'
import { hashOf } from '../place.ts'
import type { ToldFile } from './told-files.ts'
import { Status } from '../parts/status.tsx'
import { usePolled } from '../daemon/use-polled.ts'
import { Time } from '../parts/time.tsx'

/** The daemon is asked what became of a file of its own; one that records tell of brings that along. */
type Listed = FileView | ToldFile

interface FileTableProps {
  readonly label?: string
  readonly files: readonly Listed[]
  /** Others have been asked for, and are on their way. */
  readonly isBusy?: boolean
  /** The daemon's wall time. */
  readonly now: number
  readonly isPast: boolean
  /** The number or the path of the file whose history is open at the beginning. */
  readonly open?: string
  readonly onDone?: () => void
}

/** Whether the page's address means this one. */
export const isNamed = ({ id, path }: Pick<Listed, 'id' | 'path'>, name: string): boolean =>
  name === String(id) || name === path

const nothing = (): void => {}

/** One row a file; a row opens to tell what became of it. */
export function FileTable({
  label = 'List of files',
  files,
  isBusy = false,
  now,
  isPast,
  open: named = '',
  onDone = nothing,
}: FileTableProps) {
  const [turned, setTurned] = useState<ReadonlySet<number>>(new Set())
  const isOpen = (file: Listed): boolean => turned.has(file.id) !== isNamed(file, named)
  // Of what is turned by then: a row may have been drawn before others were opened.
  const toggle = (id: number): void =>
    setTurned((before) => {
      const next = new Set(before)
      if (!next.delete(id)) next.add(id)
      return next
    })
  return (
    <div class="panel" tabIndex={0} role="region" aria-label={label} aria-busy={isBusy}>
      <table class="tree files">
        <thead>
          <tr>
            <th scope="col">file</th>
            <th scope="col">state</th>
            <th scope="col">for</th>
            <th scope="col">sealed</th>
            <th scope="col" class="number">
              rows
            </th>
            <th scope="col" class="number">
              size
            </th>
            <th scope="col" class="number" title="Tries that failed">
              failed
            </th>
            <th scope="col">
              <span class="unseen">what can be done</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {files.map((file) => (
            <InSight key={file.id} isPast={isPast} asked={isOpen(file)}>
              <FileRow file={file} now={now} isOpen={isOpen(file)} onToggle={toggle} onDone={onDone} />
            </InSight>
          ))}
        </tbody>
      </table>
    </div>
  )
}

interface FileRowProps {
  readonly file: Listed
  readonly now: number
  readonly isOpen: boolean
  readonly onToggle: (id: number) => void
  readonly onDone: () => void
}

function FileRow({ file, now, isOpen, onToggle, onDone }: FileRowProps) {
  const { id, path, state, rows, bytes, attempts, sealedAt, changedAt, dueAt, why } = file
  const isWaited = state === 'pending' || setAside.some((each) => each === state)
  const next = dueAt !== null && dueAt > now ? `tried again in ${durationWords(dueAt - now)}` : ''
  const reason = [why ?? '', next].filter((text) => text !== '').join(' · ')
  return (
    <>
      <tr>
        <th scope="row" title={path}>
          <button type="button" aria-expanded={isOpen} onClick={() => onToggle(id)}>
            <span class="chevron" aria-hidden="true" />
            {path.slice(path.lastIndexOf('/') + 1)}
          </button>
        </th>
        <td class="state">
          <Status state={state} />
        </td>
        <td class="for" title={`since ${moment(changedAt)}`}>
          {durationWords(now - changedAt)}
        </td>
        <td class="sealed" title={sealedAt === null ? undefined : moment(sealedAt)}>
          {sealedAt === null ? '–' : ago(sealedAt, now)}
        </td>
        <td class="number">{rows === null ? '–' : count(rows)}</td>
        <td class="number">{bytes === null ? '–' : byteCount(bytes)}</td>
        <td class="number">{count(attempts)}</td>
        <td class="act">{isWaited && !('changes' in file) && <SendAgain id={id} path={path} onDone={onDone} />}</td>
      </tr>
      {reason !== '' && (
        <tr class="reason">
          <td colSpan={8}>{reason}</td>
        </tr>
      )}
      {isOpen && (
        <tr class="detail">
          <td colSpan={8}>
            <p class="if-narrow">{figureWords(file, now)}</p>
            {'changes' in file ? <ToldHistory file={file} /> : <AskedHistory file={file} onDone={onDone} />}
          </td>
        </tr>
      )}
    </>
  )
}

const ago = (sealedAt: number, now: number): string => `${durationWords(now - sealedAt)} ago`

/** What has no column where there is little room. */
function figureWords({ sealedAt, rows, bytes, attempts }: Listed, now: number): string {
  const said = [
    sealedAt !== null && `sealed ${ago(sealedAt, now)}`,
    rows !== null && `${count(rows)} ${rows === 1 ? 'row' : 'rows'}`,
    bytes !== null && byteCount(bytes),
    `${count(attempts)} failed ${attempts === 1 ? 'try' : 'tries'}`,
  ]
  return said.filter((words) => words !== false).join(' · ')
}

interface SendAgainProps {
  readonly id: number
  readonly path: string
  readonly onDone: () => void
}

function SendAgain({ id, path, onDone }: SendAgainProps) {
  const operate = useContext(Operator)
  if (operate === undefined) return null
  return (
    <button
      type="button"
      class="button"
      aria-label={`Send again: file ${id}`}
      onClick={() => operate(retryRequest([id], path, onDone))}
    >
      Send again …
    </button>
  )
}

const historyEveryMs = 10_000

function AskedHistory({ file, onDone }: { readonly file: FileView; readonly onDone: () => void }) {
  const { id, path, state, changedAt } = file
  const { value, problem } = usePolled(`${id} ${changedAt}`, historyEveryMs, (signal) =>
    fileHistory(String(id), signal),
  )
  return (
    <>
      {problem !== undefined && <p>Its history cannot be shown: {problem}</p>}
      {value !== undefined && (
        <>
          <p>
            <a href={hashOf({ view: 'files', path: String(id) })}>File {id}</a>: {value.file.path}, SHA-256{' '}
            {value.file.sha256}
          </p>
          <Changes id={id} changes={value.changes} />
          {/* Seldom wanted of one that has arrived, and so not in its row. */}
          {state === 'delivered' && <SendAgain id={id} path={path} onDone={onDone} />}
        </>
      )}
    </>
  )
}

function ToldHistory({ file: { id, path, sha256, changes } }: { readonly file: ToldFile }) {
  return (
    <>
      <p>
        {path}
        {sha256 !== null && `, SHA-256 ${sha256}`}
      </p>
      <Changes id={id} changes={changes} />
    </>
  )
}

function Changes({ id, changes }: { readonly id: number; readonly changes: readonly FileChange[] }) {
  return (
    <ol aria-label={`History of file ${id}`}>
      {changes.map(({ at, boot, from, to, why }, index) => (
        <li key={index}>
          <Time at={at} words={momentMs(at)} /> {from === null ? 'sealed, ' : ''}
          <Status state={to} />
          {why !== null && `: ${why}`}
          {boot !== null && boot !== changes[index - 1]?.boot && ` (boot ${boot})`}
        </li>
      ))}
    </ol>
  )
}
