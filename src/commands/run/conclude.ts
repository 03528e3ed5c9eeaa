import { type DaemonEnd, rootBudget } from '../../daemon.ts'
import { counted } from '../../domain/counted.ts'
import { OperatingError } from '../../domain/errors.ts'
import { ModelRefusedError } from '../../domain/inference-errors.ts'
import { ManifestTooNewError } from '../../domain/manifest-errors.ts'
import { exitCodes, type ExitCode } from '../exit-codes.ts'

/** The exit code of a daemon that has ended, and what to tell of it. */
export function conclude(end: DaemonEnd): Conclusion {
  const { code, words } = howItEnded(end)
  const rowsLeft = rowsLeftBy(end)
  return {
    code,
    words: rowsLeft === 0 ? words : `${words} Lost, since no disk took them: ${counted(rowsLeft, 'row')}.`,
  }
}

const { intensity, period } = rootBudget

function howItEnded(end: DaemonEnd): Conclusion {
  const { root, stoppedBy, threadHangs } = end
  const byOperator = stoppedBy === 'operator'
  if (threadHangs) {
    const code = byOperator ? exitCodes.stoppedWedged : exitCodes.wedged
    return {
      code,
      words: `An inference thread hangs, or still loads a model, and cannot be ended; everything else is closed. Killing this process (exit code ${code}).`,
    }
  }
  switch (root.ended) {
    case 'start_failed': {
      const words = `Could not start: ${wordsOf(root.error)}`
      const code = codeOfFailedStart(root.error)
      // What a person has to change stays said.
      return { code: byOperator && code !== exitCodes.config ? exitCodes.stoppedCutOff : code, words }
    }
    case 'shutdown':
    case 'auto_shutdown':
      return {
        // Its stop was under way already; an operator's lasts all the same.
        code: byOperator ? exitCodes.stoppedCutOff : exitCodes.failed,
        words: `Gave up: a part failed more often than ${intensity} times within ${period / 1000} s. The log says which and why; this is a bug.`,
      }
    case 'asked': {
      const words = cutOffWords(end)
      // No start brings back what was cut off; an operator's stop lasts, whatever it cost.
      if (words !== undefined) return { code: byOperator ? exitCodes.stoppedCutOff : exitCodes.cutOff, words }
      // Nobody has asked for this end: 0 would be the end of it.
      if (stoppedBy === 'wedge') {
        const words =
          'Inference threads hung, and came back as everything drained. Nothing is cut off; to be started afresh.'
        return { code: exitCodes.cutOff, words }
      }
      return { code: exitCodes.ok, words: 'Everything is drained.' }
    }
  }
}

interface Conclusion {
  readonly code: ExitCode
  readonly words: string
}

/** What a stop has cut off, if anything. */
function cutOffWords(end: DaemonEnd): string | undefined {
  const { drained, children } = end.root
  const onDisk = 'What was accepted is on disk and is picked up at the next start.'
  if (!drained) {
    const cut = children.filter(({ result, output }) => result !== 'drained' || isLeft(output)).map(({ id }) => id)
    return `Cut off: ${cut.join(', ')}. ${onDisk}`
  }
  // Rows are left where no writer was there to be drained: it had crashed, and its restart was still waited for.
  return rowsLeftBy(end) === 0 ? undefined : `Cut off: csv-writer, as it was being restarted. ${onDisk}`
}

/** Rows that were still queued for the writer: never accepted, and in memory alone. */
const rowsLeftBy = ({ accounts }: DaemonEnd): number => accounts.reduce((sum, { rows }) => sum + rows.queued, 0)

/** Wrong until a person changes it; away for now, so that a later start may do better; or a bug. */
function codeOfFailedStart(error: unknown): ExitCode {
  if (error instanceof ModelRefusedError || error instanceof ManifestTooNewError) return exitCodes.config
  return error instanceof OperatingError ? exitCodes.cutOff : exitCodes.failed
}

const isLeft = (output: unknown): boolean =>
  typeof output === 'object' && output !== null && 'drained' in output && output.drained === false

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : 'it failed without an error')
