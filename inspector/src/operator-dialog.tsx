import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import { type Outcome, type Request, send } from './operate.ts'

interface OperatorDialogProps {
  readonly request: Request
  /** Given before, since the page was opened. */
  readonly token: string
  readonly onToken: (token: string) => void
  readonly onClose: () => void
}

/** Asks whether it is meant, and for the operating token; says what became of it. */
export function OperatorDialog({ request, token, onToken, onClose }: OperatorDialogProps) {
  const { title, words, verb, commands, done } = request
  const dialog = useRef<HTMLDialogElement>(null)
  const chief = useRef<HTMLButtonElement>(null)
  const [given, setGiven] = useState(token)
  const [isSending, setSending] = useState(false)
  const [outcome, setOutcome] = useState<Outcome>()
  useLayoutEffect(() => dialog.current?.showModal(), [])
  // The field that had the focus is gone when it is done.
  useLayoutEffect(() => void (outcome?.isDone === true && chief.current?.focus()), [outcome])

  const carryOut = async (): Promise<void> => {
    setSending(true)
    setOutcome(undefined)
    let last: Outcome = { isDone: false, words: 'Nothing to do.' }
    let count = 0
    for (const command of commands) {
      last = await send(command, given)
      if (!last.isDone) break
      count++
    }
    setSending(false)
    if (count > 0) {
      onToken(given)
      done?.()
    }
    setOutcome(count > 1 || (count > 0 && !last.isDone) ? counted(count, commands.length, last) : last)
  }
  const isDone = outcome?.isDone === true
  return (
    <dialog ref={dialog} onClose={onClose} aria-labelledby="asked" aria-describedby="asked-words">
      <form
        method="dialog"
        onSubmit={(event) => {
          event.preventDefault()
          if (isDone) dialog.current?.close()
          else if (!isSending) void carryOut()
        }}
      >
        <h2 id="asked">{title}</h2>
        <p id="asked-words">{words}</p>
        {!isDone && (
          <label>
            Operating token
            <input
              type="password"
              autocomplete="off"
              autofocus
              value={given}
              onInput={({ currentTarget }) => setGiven(currentTarget.value)}
            />
            <small>It is kept until this page is closed, and nowhere else.</small>
          </label>
        )}
        <p role="status" class={isDone ? 'good' : 'bad'}>
          {isSending ? 'Asking the daemon …' : outcome?.words}
        </p>
        <div class="answers">
          {!isDone && (
            <button type="button" onClick={() => dialog.current?.close()}>
              Cancel
            </button>
          )}
          <button ref={chief} type="submit" class="chief" aria-disabled={isSending}>
            {isDone ? 'Close' : verb}
          </button>
        </div>
      </form>
    </dialog>
  )
}

const counted = (count: number, all: number, last: Outcome): Outcome => ({
  isDone: last.isDone,
  words: last.isDone ? `All ${all} are due at once.` : `${count} of ${all} are done. Then: ${last.words}`,
})
