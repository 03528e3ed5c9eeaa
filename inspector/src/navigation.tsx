import type { RecordingHeader } from '../../src/inspection-feed/recording-header.ts'
import { exportLines } from './export-lines.ts'
import type { History } from './history/history.ts'
import { hashOf, type Place, type ViewName, views } from './place.ts'

const names: Readonly<Record<ViewName, string>> = {
  line: 'Line',
  tree: 'Tree',
  machine: 'Machine',
  timeline: 'Timeline',
  files: 'Files',
  charts: 'Charts',
}

interface NavigationProps {
  readonly place: Place
  readonly history: History
  /** Of the recording that is shown, where one is. */
  readonly opened: RecordingHeader | undefined
  readonly onOpen: (files: readonly File[]) => void
}

/** The views, and the ways in and out for recordings. */
export function Navigation({ place, history, opened, onOpen }: NavigationProps) {
  return (
    <nav class="views" aria-label="Views">
      {views.map((view) => (
        <a key={view} href={hashOf({ view, path: '' })} aria-current={place.view === view ? 'page' : undefined}>
          {names[view]}
        </a>
      ))}
      <span class="files">
        <label class="button">
          Open a recording
          <input
            type="file"
            accept=".jsonl"
            onChange={({ currentTarget }) => {
              const files = [...(currentTarget.files ?? [])]
              currentTarget.value = ''
              if (files.length > 0) onOpen(files)
            }}
          />
        </label>
        <button
          type="button"
          title="What is remembered, as a recording: without the manifest's list of files, the pictures, memory and event loop"
          onClick={() => void save(history, opened)}
        >
          Save as a file
        </button>
      </span>
    </nav>
  )
}

async function save(history: History, opened: RecordingHeader | undefined): Promise<void> {
  const lines = await exportLines(history, opened)
  const address = URL.createObjectURL(new Blob(lines, { type: 'application/jsonl' }))
  const link = document.createElement('a')
  link.href = address
  link.download = `belay-${new Date(history.last?.at ?? 0).toISOString().replace(/[:.]/g, '-')}.jsonl`
  link.click()
  URL.revokeObjectURL(address)
}
