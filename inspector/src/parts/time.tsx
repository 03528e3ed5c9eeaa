import { moment, utc } from './format.ts'

interface TimeProps {
  /** Milliseconds since 1970 in UTC. */
  readonly at: number
  /** As the browser's time zone has it. */
  readonly words?: string
}

/** A moment, and for who points at it the same in UTC, as logs, rows and names of files have it. */
export function Time({ at, words = moment(at) }: TimeProps) {
  return <time title={utc(at)}>{words}</time>
}
