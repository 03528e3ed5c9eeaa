import type { EventObject } from 'xstate'
import { fromEvents } from '../../src/actors/from-events.ts'
import { Loose } from '../../src/actors/loose.ts'
import type { EventsLogic } from '../../src/machines/stand-ins.ts'
import { settle } from './virtual-clock.ts'

type Step<Told, Output> = { readonly tell: Told } | { readonly end: Output } | { readonly fail: unknown }

/** An events actor whose every word is the test's. Each call resolves when its parent has heard. */
export interface ScriptedEvents<Told extends EventObject, Output, Input = undefined> {
  readonly logic: EventsLogic<Told, Input, Output>
  tell(event: Told): Promise<void>
  end(output: Output): Promise<void>
  fail(error: unknown): Promise<void>
  /** How often it was started. */
  readonly starts: number
  /** Whether the latest incarnation was told to finish. */
  readonly finishing: boolean
  /** Whether an incarnation is there that has neither ended nor been stopped. */
  readonly running: boolean
}

export function scriptedEvents<Told extends EventObject, Output, Input = undefined>(): ScriptedEvents<
  Told,
  Output,
  Input
> {
  let starts = 0
  let current:
    { finish: AbortSignal; signal: AbortSignal; over: boolean; take: (step: Step<Told, Output>) => void } | undefined
  const logic = fromEvents<Told, Input, Output>(new Loose(), async function* ({ finish, signal }) {
    starts++
    const steps: Step<Told, Output>[] = []
    let wake = () => {}
    current = {
      finish,
      signal,
      over: false,
      take(step) {
        this.over = !('tell' in step)
        steps.push(step)
        wake()
      },
    }
    for (;;) {
      const step = steps.shift()
      if (step === undefined) await new Promise<void>((resolve) => (wake = resolve))
      else if ('tell' in step) yield step.tell
      else if ('fail' in step) throw step.fail
      else return step.end
    }
  })
  const take = async (step: Step<Told, Output>) => {
    if (current === undefined) throw new Error('The scripted actor was never started')
    current.take(step)
    await settle()
  }
  return {
    logic,
    tell: (event) => take({ tell: event }),
    end: (output) => take({ end: output }),
    fail: (error) => take({ fail: error }),
    get starts() {
      return starts
    },
    get finishing() {
      return current?.finish.aborted ?? false
    },
    get running() {
      return current !== undefined && !current.over && !current.signal.aborted
    },
  }
}
