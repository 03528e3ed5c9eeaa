import type { DaemonEnd } from '../daemon.ts'
import { OperatingError } from '../domain/errors.ts'
import { ModelRefusedError } from '../domain/inference-errors.ts'
import { ManifestTooNewError } from '../domain/manifest-errors.ts'
import { exitCodes, type ExitCode } from './exit-codes.ts'

/** The exit code of a daemon that has ended, and what to tell of it. */
export function conclude({ root, accounts, threadHangs }: DaemonEnd): { code: ExitCode; words: string } {
  if (threadHangs) {
    return {
      code: exitCodes.wedged,
      words:
        'An inference thread hangs, or still loads a model, and cannot be ended; everything else is closed. Killing this process (exit code 137).',
    }
  }
  switch (root.ended) {
    case 'start_failed': {
      const words = `Could not start: ${wordsOf(root.error)}`
      return { code: codeOfFailedStart(root.error), words }
    }
    case 'shutdown':
    case 'auto_shutdown':
      return {
        code: exitCodes.failed,
        words: 'Gave up: a part failed more often than 5 times within 60 s. The log says which and why; this is a bug.',
      }
    case 'asked': {
      if (root.drained) return concludeDrained(accounts.reduce((sum, { rows }) => sum + rows.queued, 0))
      const cut = root.children
        .filter(({ result, output }) => result !== 'drained' || isLeft(output))
        .map(({ id }) => id)
      return {
        code: exitCodes.cutOff,
        words: `Cut off: ${cut.join(', ')}. What was accepted is on disk and is picked up at the next start.`,
      }
    }
  }
}

/** Rows are left where no writer was there to be drained: it had crashed, and its restart was still waited for. */
function concludeDrained(rowsLeft: number): { code: ExitCode; words: string } {
  if (rowsLeft === 0) return { code: exitCodes.ok, words: 'Everything is drained.' }
  return {
    code: exitCodes.cutOff,
    words: `Cut off: csv-writer, as it was being restarted. Rows that waited for it and are on no disk: ${rowsLeft}. What was accepted is on disk and is picked up at the next start.`,
  }
}

/** Wrong until a person changes it; away for now, so that a later start may do better; or a bug. */
function codeOfFailedStart(error: unknown): ExitCode {
  if (error instanceof ModelRefusedError || error instanceof ManifestTooNewError) return exitCodes.config
  return error instanceof OperatingError ? exitCodes.cutOff : exitCodes.failed
}

const isLeft = (output: unknown): boolean =>
  typeof output === 'object' && output !== null && 'drained' in output && output.drained === false

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : 'it failed without an error')
