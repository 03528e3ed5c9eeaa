import { useEffect, useState } from 'preact/hooks'
import { patient, unansweredWords } from './ask.ts'

export interface Polled<Value> {
  /** The latest answer; kept while there is a problem. */
  readonly value: Value | undefined
  /** That answer is to another question than the one that is asked now. */
  readonly isStale: boolean
  readonly problem: string | undefined
  /** Asks at once. */
  readonly again: () => void
}

/** Asks now and again, one question at a time, while the page is looked at. Another `key` is another question. */
export function usePolled<Value>(
  key: string,
  everyMs: number,
  ask: (signal: AbortSignal) => Promise<Value>,
): Polled<Value> {
  const [answer, setAnswer] = useState<{ readonly value?: Value; readonly key?: string; readonly problem?: string }>({})
  const [round, setRound] = useState(0)
  useEffect(() => {
    const ending = new AbortController()
    let timer: ReturnType<typeof setTimeout> | undefined
    const poll = async (): Promise<void> => {
      try {
        if (!document.hidden) {
          const value = await ask(patient(ending.signal))
          setAnswer({ value, key })
        }
      } catch (error) {
        if (ending.signal.aborted) return
        const problem = unansweredWords(error)
        setAnswer(({ problem: _, ...before }) => ({ ...before, problem }))
      }
      if (!ending.signal.aborted) timer = setTimeout(() => void poll(), everyMs)
    }
    void poll()
    return () => {
      clearTimeout(timer)
      ending.abort()
    }
  }, [key, round])
  const { value, problem } = answer
  return { value, problem, isStale: answer.key !== key, again: () => setRound((before) => before + 1) }
}
