import { usePolled } from '../daemon/use-polled.ts'
import { FileTable } from './file-table.tsx'
import { fileHistory } from './files-client.ts'

const everyMs = 10_000

interface LinkedFileProps {
  /** Its number, or its path. */
  readonly file: string
  /** The daemon's wall time. */
  readonly now: number
  readonly onDone: () => void
}

/** The file that the page's address names, open, whatever the list is asked for. */
export function LinkedFile({ file, now, onDone }: LinkedFileProps) {
  const { value, problem, again } = usePolled(file, everyMs, (signal) => fileHistory(file, signal))
  const done = (): void => {
    again()
    onDone()
  }
  return (
    <>
      {problem !== undefined && (
        <p class="problem" role="alert">
          File {file} cannot be shown: {problem}
        </p>
      )}
      {value !== undefined && (
        <FileTable label={`File ${file}`} files={[value.file]} now={now} isPast={false} open={file} onDone={done} />
      )}
    </>
  )
}
