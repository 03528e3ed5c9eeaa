import { useMemo } from 'preact/hooks'
import { mostFiles } from '../../../src/domain/most-files.ts'
import { FileChoice } from './file-choice.tsx'
import type { Choice } from './files-client.ts'
import { FileTable } from './file-table.tsx'
import { count } from '../parts/format.ts'
import type { Scene } from '../history/scene.ts'
import { chosenFiles, toldFiles } from './told-files.ts'

interface ToldFilesProps {
  readonly scene: Scene
  /** As the page's address names it; by its path, for its number in the manifest is in no record. */
  readonly open: string
  readonly choice: Choice
  readonly onChoose: (change: Partial<Choice>) => void
}

/** The files as the records tell of them up to the moment that is shown. */
export function ToldFiles({ scene: { records, now }, open, choice, onChoose }: ToldFilesProps) {
  const told = useMemo(() => toldFiles(records), [records[0], records.length])
  const cameras = [...new Set(told.map(({ camera }) => camera))].sort()
  const chosen = chosenFiles(told, choice, now)
  const listed = chosen.slice(0, mostFiles)
  const linked = told.find(({ path }) => path === open)
  return (
    <>
      {linked !== undefined && !listed.includes(linked) && (
        <FileTable label={`File ${open}`} files={[linked]} now={now} isPast open={open} />
      )}
      {linked === undefined && open.includes('/') && <p class="hint">Up to this moment no record tells of {open}.</p>}
      <FileChoice choice={choice} cameras={cameras} onChoose={onChoose} />
      <p class="hint">
        As the records tell it, up to this moment: {count(told.length)} {told.length === 1 ? 'file' : 'files'}. What
        became of a file before the first record is in none.
      </p>
      {chosen.length === 0 ? (
        <p>No file is like that.</p>
      ) : (
        <FileTable files={listed} now={now} isPast open={linked?.path ?? ''} />
      )}
      {chosen.length > mostFiles && <p class="hint">There are {count(chosen.length - mostFiles)} more.</p>}
    </>
  )
}
