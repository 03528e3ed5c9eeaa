import type { Writable } from 'node:stream'

/** Says its words to `stream`, until one of them cannot be said: that is told once, by the system's code, and the others are dropped. */
export function speaker(stream: Writable, onLost: (code: string) => void): (text: string) => void {
  let isLost = false
  stream.on('error', ({ code, message }: NodeJS.ErrnoException) => {
    if (isLost) return
    isLost = true
    onLost(code ?? message)
  })
  return (text) => void (isLost || stream.write(text))
}

/** Whether the reader of a pipe or a terminal is gone; otherwise it is a file that takes no more. */
export const isReaderGone = (code: string): boolean => code === 'EPIPE' || code === 'EIO'
