import { useContext, useRef, useState } from 'preact/hooks'
import { fileStates, setAside } from '../../../src/domain/file-state.ts'
import { mostFiles } from '../../../src/domain/most-files.ts'
import { camerasToChoose } from './cameras-to-choose.ts'
import { type Choice, listFiles } from './files-client.ts'
import { FileChoice, notDelivered } from './file-choice.tsx'
import { FileTable, isNamed } from './file-table.tsx'
import { count } from '../parts/format.ts'
import { LinkedFile } from './linked-file.tsx'
import { Operator, retryRequest } from '../operate.ts'
import type { Scene } from '../history/scene.ts'
import { ToldFiles } from './told-files-view.tsx'
import { stateWord } from '../parts/tone.ts'
import { usePolled } from '../daemon/use-polled.ts'

const pageLength = 100
const everyMs = 2_000

interface FilesViewProps {
  readonly scene: Scene
  /** There is a daemon to ask. */
  readonly isLive: boolean
  /** The number or the path of the file that is open at the beginning; `''` for none. */
  readonly open: string
}

/** The manifest's files, and what became of each; of a moment of the past, and in a recording, what the records tell of them. */
export function FilesView({ scene, isLive, open }: FilesViewProps) {
  const [choice, setChoice] = useState<Choice>({
    ...{ states: notDelivered, camera: '', olderThan: '', order: 'oldest', limit: pageLength },
  })
  const choose = (change: Partial<Choice>): void => setChoice({ ...choice, limit: pageLength, ...change })
  return (
    <section aria-labelledby="files">
      {isLive && !scene.isPast ? (
        <LiveFiles scene={scene} open={open} choice={choice} onChoose={choose} />
      ) : (
        <ToldFiles scene={scene} open={open} choice={choice} onChoose={choose} />
      )}
    </section>
  )
}

interface LiveFilesProps {
  readonly scene: Scene
  readonly open: string
  readonly choice: Choice
  readonly onChoose: (change: Partial<Choice>) => void
}

function LiveFiles({ scene, open, choice, onChoose }: LiveFilesProps) {
  const operate = useContext(Operator)
  const { value, isStale, problem, again } = usePolled(JSON.stringify(choice), everyMs, (signal) =>
    listFiles(choice, signal),
  )
  const { current: seen } = useRef(new Set<string>())
  const configured = scene.state.cameras.map(({ id }) => id)
  const cameras = camerasToChoose({ configured, seen }, value?.files ?? [], choice.camera)
  const stuck = (value?.files ?? []).filter(({ state }) => setAside.some((each) => each === state))
  const isListed = value === undefined || value.files.some((file) => isNamed(file, open))
  return (
    <>
      {open !== '' && !isListed && <LinkedFile file={open} now={scene.state.at} onDone={again} />}
      <FileChoice choice={choice} cameras={cameras} onChoose={onChoose}>
        {operate !== undefined && stuck.length > 1 && (
          <button
            type="button"
            class="button"
            onClick={() =>
              operate(
                retryRequest(
                  stuck.map(({ id }) => id),
                  'Each of those set aside that are listed here',
                  again,
                ),
              )
            }
          >
            Send {stuck.length} set aside again …
          </button>
        )}
      </FileChoice>
      {problem !== undefined && (
        <p class="problem" role="alert">
          {value === undefined ? 'The files cannot be shown' : 'Not up to date'}: {problem}
        </p>
      )}
      {value !== undefined && (
        <>
          <p class="counts">
            In the manifest:{' '}
            {fileStates
              .filter((state) => value.counts[state] > 0)
              .map((state) => `${count(value.counts[state])} ${stateWord(state)}`)
              .join(', ') || 'no file'}
            .
          </p>
          {value.files.length === 0 ? (
            <p>No file is like that.</p>
          ) : (
            <FileTable
              files={value.files}
              isBusy={isStale}
              now={scene.state.at}
              isPast={false}
              open={open}
              onDone={again}
            />
          )}
          {value.more && choice.limit < mostFiles && (
            <p>
              <button type="button" class="button" onClick={() => onChoose({ limit: mostFiles })}>
                Show up to {mostFiles}
              </button>
            </p>
          )}
          {value.more && choice.limit === mostFiles && (
            <p class="hint">There are more: choose fewer, or ask `belay files --limit`.</p>
          )}
        </>
      )}
    </>
  )
}
