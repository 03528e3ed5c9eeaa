import type { Terminal } from './terminal.ts'

/** A control character, and what would make one of the colours of it with which commands speak. */
const controls = /(\p{Cc})(\[(?:[0-2]|22|[39]\d)m)?/gu

/**
 * Text without what moves a cursor, writes to a clipboard or changes a title: words of cameras and servers are among it, and they
 * are strangers.
 */
export const printable = (text: string): string =>
  text.replaceAll(controls, (all, control: string, colour?: string) => {
    if (control === '\n' || control === '\t' || (control === '\u001b' && colour !== undefined)) return all
    return `\ufffd${colour ?? ''}`
  })

/** The same terminal, to which only printable text is said. */
export const printableOnly = (terminal: Terminal): Terminal => ({
  out: (text) => terminal.out(printable(text)),
  err: (text) => terminal.err(printable(text)),
  isInteractive: terminal.isInteractive,
  onSignal: (listener) => terminal.onSignal(listener),
  environment: terminal.environment,
  folder: terminal.folder,
})
