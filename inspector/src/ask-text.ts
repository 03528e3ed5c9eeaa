import type { Clock, TimerHandle } from '../../src/ports/clock.ts'
import { ask } from './ask.ts'

/** A connection on which nothing comes for so long is dead. */
const silenceMs = 15_000

/**
 * The text of a long answer, which over a slow line may take minutes: it is given up only where nothing of it comes any more.
 *
 * @throws {TurnedAwayError}; {TypeError} the server does not answer; {Error} with words on what is wrong
 */
export async function askText(path: string, clock: Pick<Clock, 'setTimeout' | 'clearTimeout'>): Promise<string> {
  const ending = new AbortController()
  let silence: TimerHandle
  const listen = (): void => {
    clock.clearTimeout(silence)
    silence = clock.setTimeout(() => ending.abort(new Error(`nothing came for ${silenceMs / 1_000} s`)), silenceMs)
  }
  listen()
  try {
    const answer = await ask(path, ending.signal)
    listen()
    if (!answer.ok) throw new Error(`the server answers ${answer.status}`)
    const [reader, decoder] = [answer.body?.getReader(), new TextDecoder()]
    let text = ''
    for (let piece = await reader?.read(); piece?.value !== undefined; piece = await reader?.read()) {
      listen()
      text += decoder.decode(piece.value, { stream: true })
    }
    return text + decoder.decode()
  } finally {
    clock.clearTimeout(silence)
  }
}
