import type { ComponentChildren } from 'preact'
import { fileStates, setAside, underway } from '../../../src/domain/file-state.ts'
import type { Choice } from './files-client.ts'
import { ages } from './file-ages.ts'
import { stateWord } from '../parts/tone.ts'

/** What the list of states offers beside each one by itself. */
const groups: readonly { readonly words: string; readonly states: string }[] = [
  { words: 'not delivered', states: [...underway, ...setAside].join(',') },
  { words: 'on their way', states: underway.join(',') },
  { words: 'set aside', states: setAside.join(',') },
  { words: 'all', states: '' },
]

export const notDelivered = groups[0]?.states ?? ''

interface FileChoiceProps {
  readonly choice: Choice
  readonly cameras: readonly string[]
  readonly onChoose: (change: Partial<Choice>) => void
  /** What can be done with those that are chosen. */
  readonly children?: ComponentChildren
}

/** Which files are listed: by state, camera and age. */
export function FileChoice({ choice, cameras, onChoose, children }: FileChoiceProps) {
  return (
    <div class="toolbar">
      <h2 id="files">Files</h2>
      <label>
        state{' '}
        <select value={choice.states} onChange={({ currentTarget }) => onChoose({ states: currentTarget.value })}>
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
        <select value={choice.camera} onChange={({ currentTarget }) => onChoose({ camera: currentTarget.value })}>
          <option value="">all</option>
          {cameras.map((id) => (
            <option key={id} value={id}>
              {id}
            </option>
          ))}
        </select>
      </label>
      <label>
        sealed{' '}
        <select value={choice.olderThan} onChange={({ currentTarget }) => onChoose({ olderThan: currentTarget.value })}>
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
          onChange={({ currentTarget }) => onChoose({ order: currentTarget.value as Choice['order'] })}
        >
          <option value="oldest">the oldest</option>
          <option value="newest">the latest</option>
        </select>
      </label>
      {children}
    </div>
  )
}
