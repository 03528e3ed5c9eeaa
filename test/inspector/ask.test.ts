import { afterEach, describe, expect, it, vi } from 'vitest'
import { ask, patient, unansweredWords } from '../../inspector/src/daemon/ask.ts'
import { askText } from '../../inspector/src/daemon/ask-text.ts'
import { settle, VirtualClock } from '../fakes/virtual-clock.ts'

afterEach(() => {
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
})

/** A server whose answer comes piece by piece when the test says so, and which ends it where it is told to. */
function startServer() {
  let sending: ReadableStreamDefaultController<Uint8Array> | undefined
  const body = new ReadableStream<Uint8Array>({ start: (controller) => void (sending = controller) })
  let answer = (_: Response): void => {}
  vi.stubGlobal('fetch', (_path: string, { signal }: { signal: AbortSignal }) => {
    const response = new Promise<Response>((resolve, reject) => {
      answer = resolve
      signal.addEventListener('abort', () => {
        reject(signal.reason as Error)
        sending?.error(signal.reason)
      })
    })
    return response
  })
  const clock = new VirtualClock()
  const asked = askText('/api/recording', clock)
  const outcome = asked.catch((error: unknown) => error)
  const bytes = new TextEncoder().encode('zwölf')
  return {
    ...{ clock, outcome },
    begin: async (status = 200) => {
      answer(new Response(body, { status }))
      await settle()
    },
    send: async (from: number, to: number) => {
      sending?.enqueue(bytes.slice(from, to))
      await settle()
    },
    end: () => sending?.close(),
  }
}

describe('a long answer over a slow line', () => {
  it('may take as long as it does while something of it comes now and again', async () => {
    const { clock, outcome, begin, send, end } = startServer()
    await clock.advanceAsync(14_999)
    await begin()
    // In the middle of a character, too.
    for (let each = 0; each < 6; each++) {
      await clock.advanceAsync(14_999)
      await send(each, each + 1)
    }
    end()
    expect(await outcome).toBe('zwölf')
  })

  it.each([{ after: 'before it begins' }, { after: 'after a part of it' }])(
    'is given up where nothing of it comes for 15 s, $after',
    async ({ after }) => {
      const { clock, outcome, begin, send } = startServer()
      if (after !== 'before it begins') {
        await begin()
        await send(0, 2)
      }
      await clock.advanceAsync(15_000)
      expect(await outcome).toEqual(new Error('nothing came for 15 s'))
    },
  )

  it('is none where the server has another', async () => {
    const { outcome, begin } = startServer()
    await begin(503)
    expect(await outcome).toEqual(new Error('the server answers 503'))
  })
})

describe('a question whose answer is short', () => {
  it('ends with the one who asks', () => {
    const ending = new AbortController()
    const signal = patient(ending.signal)
    ending.abort(new Error('left'))
    expect(signal.reason).toEqual(new Error('left'))
  })

  it('ends by itself where the connection is dead, and the daemon is said not to answer', () => {
    // Node forgets a timeout that only `AbortSignal.any` knows, where it collects garbage before: this one is held.
    const time = new AbortController()
    const timeout = vi.spyOn(AbortSignal, 'timeout').mockReturnValue(time.signal)
    const signal = patient(new AbortController().signal, 1)
    expect(timeout).toHaveBeenCalledWith(1)
    time.abort(new DOMException('too long', 'TimeoutError'))
    expect(unansweredWords(signal.reason)).toBe('the daemon does not answer')
  })

  it('has no answer where nobody is there, and a mistake of the page is told as it is', async () => {
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('Failed to fetch')))
    expect(unansweredWords(await ask('/api/files').catch((error: unknown) => error))).toBe('the daemon does not answer')
    for (const error of [new TypeError('list.map is not a function'), new Error('no such file')])
      expect(unansweredWords(error)).toBe(error.message)
  })
})
