import { createLogUpdate } from 'log-update'
import { printable } from './printable.ts'
import type { Terminal } from './terminal.ts'

/** Lines that scroll by, and below them, on a terminal, a block that is drawn over itself. */
export interface Painter {
  /** A line that stays. */
  say: (line: string) => void
  /** The block as it is now; where no terminal is, its lines are said instead. */
  paint(lines: readonly string[]): void
  /** The block stays as it was last drawn. */
  done(): void
}

export function createPainter(terminal: Terminal): Painter {
  if (!terminal.isInteractive) {
    const say = (line: string) => terminal.out(`${line}\n`)
    return { say, paint: (lines) => lines.forEach(say), done: () => undefined }
  }
  const update = createLogUpdate(process.stdout)
  return {
    say: (line) => update.persist(printable(line)),
    paint: (lines) => update(printable(lines.join('\n'))),
    done: () => update.done(),
  }
}
