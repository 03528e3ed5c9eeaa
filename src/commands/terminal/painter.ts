import { createLogUpdate } from 'log-update'
import { printable } from './printable.ts'
import type { Terminal } from './terminal.ts'

/** Lines that scroll by, and below them, on a terminal, a block that is drawn over itself. */
export interface Painter {
  /** Whether the block is drawn over itself. */
  readonly draws: boolean
  /** A line that stays. */
  say: (line: string) => void
  /** The block as it is now; where it cannot be drawn, its lines are said instead. */
  paint(lines: readonly string[]): void
  /** The block stays as it was last drawn. */
  done(): void
}

/** A terminal without rows (a serial console) or without a cursor to move is given lines, as a file is. */
export function createPainter(terminal: Terminal, stream: NodeJS.WriteStream = process.stdout): Painter {
  const draws = terminal.isInteractive && stream.rows > 0 && terminal.environment['TERM'] !== 'dumb'
  if (!draws) {
    const say = (line: string) => terminal.out(`${line}\n`)
    return { draws, say, paint: (lines) => lines.forEach(say), done: () => undefined }
  }
  const update = createLogUpdate(stream)
  return {
    draws,
    say: (line) => update.persist(printable(line)),
    paint: (lines) => update(printable(lines.join('\n'))),
    done: () => update.done(),
  }
}
