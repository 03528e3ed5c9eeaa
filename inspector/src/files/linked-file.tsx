import { usePolled } from '../daemon/use-polled.ts'
import { FileTable } from './file-table.tsx'
import { fileHistory } from './files-client.ts'

const everyMs = 10_000

interface LinkedFileProps {
  readonly id: number
  /** The daemon's wall time. */
  readonly now: number
  readonly onDone: () => void
}

/** The file that the page's address names, open, whatever the list is asked for. */
export function LinkedFile({ id, now, onDone }: LinkedFileProps) {
  const { value, problem, again } = usePolled(String(id), everyMs, (signal) => fileHistory(id, signal))
  const done = (): void => {
    again()
    onDone()
  }
  return (
    <>
      {problem !== undefined && (
        <p class="problem" role="alert">
          File {id} cannot be shown: {problem}
        </p>
      )}
      {value !== undefined && (
        <FileTable label={`File ${id}`} files={[value.file]} now={now} isPast={false} open={id} onDone={done} />
      )}
    </>
  )
}
