import { useContext, useState } from 'preact/hooks'
import { fileStates, setAside, underway } from '../../src/domain/file-state.ts'
import { type Choice, listFiles } from './files-client.ts'
import { FileTable } from './file-table.tsx'
import { count } from './format.ts'
import { Operator, retryRequest } from './operate.ts'
import type { Scene } from './scene.ts'
import { stateWord } from './tone.ts'
import { usePolled } from './use-polled.ts'

/** What the list of states offers beside each one by itself. */
const groups: readonly { readonly words: string; readonly states: string }[] = [
  { words: 'not delivered', states: [...underway, ...setAside].join(',') },
  { words: 'on their way', states: underway.join(',') },
  { words: 'set aside', states: setAside.join(',') },
  { words: 'all', states: '' },
]

const ages: readonly { readonly words: string; readonly olderThan: string }[] = [
  { words: 'any age', olderThan: '' },
  { words: '10 min and older', olderThan: '10m' },
  { words: '1 h and older', olderThan: '1h' },
  { words: '1 d and older', olderThan: '1d' },
  { words: '7 d and older', olderThan: '7d' },
]

const pageLength = 100
const mostFiles = 500
const everyMs = 2_000

interface FilesViewProps {
  readonly scene: Scene
  /** There is a daemon to ask. */
  readonly isLive: boolean
  /** The number of the file that is open at the beginning, as text. */
  readonly open: string
}

/** The manifest's files, and what became of each. */
export function FilesView({ scene, isLive, open }: FilesViewProps) {
  if (!isLive)
    return (
      <section aria-labelledby="files">
        <h2 id="files">Files</h2>
        <p>A recording has no list of files; their uploads stand on the timeline.</p>
      </section>
    )
  return <LiveFiles scene={scene} open={open} />
}

function LiveFiles({ scene, open }: Omit<FilesViewProps, 'isLive'>) {
  const operate = useContext(Operator)
  const [choice, setChoice] = useState<Choice>({
    ...{ states: groups[0]?.states ?? '', camera: '', olderThan: '', order: 'oldest', limit: pageLength },
  })
  const { value, problem, again } = usePolled(JSON.stringify(choice), everyMs, (signal) => listFiles(choice, signal))
  const choose = (change: Partial<Choice>): void => setChoice({ ...choice, limit: pageLength, ...change })
  const stuck = (value?.files ?? []).filter(({ state }) => setAside.some((each) => each === state))
  return (
    <section aria-labelledby="files">
      <div class="toolbar">
        <h2 id="files">Files</h2>
        <label>
          state{' '}
          <select value={choice.states} onChange={({ currentTarget }) => choose({ states: currentTarget.value })}>
            {groups.map(({ words, states }) => (
              <option key={words} value={states}>
                {words}
              </option>
            ))}
            {fileStates.map((state) => (
              <option key={state} value={state}>
                {stateWord(state)}
              </option>
            ))}
          </select>
        </label>
        <label>
          camera{' '}
          <select value={choice.camera} onChange={({ currentTarget }) => choose({ camera: currentTarget.value })}>
            <option value="">all</option>
            {scene.state.cameras.map(({ id }) => (
              <option key={id} value={id}>
                {id}
              </option>
            ))}
          </select>
        </label>
        <label>
          sealed{' '}
          <select value={choice.olderThan} onChange={({ currentTarget }) => choose({ olderThan: currentTarget.value })}>
            {ages.map(({ words, olderThan }) => (
              <option key={words} value={olderThan}>
                {words}
              </option>
            ))}
          </select>
        </label>
        <label>
          first{' '}
          <select
            value={choice.order}
            onChange={({ currentTarget }) => choose({ order: currentTarget.value as Choice['order'] })}
          >
            <option value="oldest">the oldest</option>
            <option value="newest">the latest</option>
          </select>
        </label>
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
      </div>
      {scene.isPast && <p class="hint">Files are shown as they are now, not as they were at that moment.</p>}
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
            <FileTable files={value.files} now={scene.state.at} open={Number(open)} onDone={again} />
          )}
          {value.more && choice.limit < mostFiles && (
            <p>
              <button type="button" class="button" onClick={() => choose({ limit: mostFiles })}>
                Show up to {mostFiles}
              </button>
            </p>
          )}
          {value.more && choice.limit === mostFiles && (
            <p class="hint">There are more: choose fewer, or ask `belay files --limit`.</p>
          )}
        </>
      )}
    </section>
  )
}
