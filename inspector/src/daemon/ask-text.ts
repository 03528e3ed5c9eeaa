import { seconds } from '../../../src/domain/units.ts'
import type { Clock } from '../../../src/ports/clock.ts'
import { ask } from './ask.ts'
import { watchSilence } from './silence.ts'

/** A connection on which nothing comes for so long is dead. */
const silenceLimit = seconds(15)

/**
 * The text of a long answer, which over a slow line may take minutes: it is given up only where nothing of it comes any more.
 *
 * @throws {TurnedAwayError}; {UnansweredError}; {Error} with words on what is wrong
 */
export async function askText(
  path: string,
  clock: Pick<Clock, 'monotonic' | 'setTimeout' | 'clearTimeout'>,
): Promise<string> {
  const ending = new AbortController()
  const silence = watchSilence(clock, silenceLimit, () => ending.abort(new Error('nothing came for 15 s')))
  try {
    const answer = await ask(path, ending.signal)
    silence.heard()
    if (!answer.ok) throw new Error(`the server answers ${answer.status}`)
    const [reader, decoder] = [answer.body?.getReader(), new TextDecoder()]
    let text = ''
    for (let piece = await reader?.read(); piece?.value !== undefined; piece = await reader?.read()) {
      silence.heard()
      text += decoder.decode(piece.value, { stream: true })
    }
    return text + decoder.decode()
  } finally {
    silence.end()
  }
}
