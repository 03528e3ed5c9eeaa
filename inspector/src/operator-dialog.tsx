import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import { counted, type Outcome, type Request, send } from './operate.ts'

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
  const [isStopping, setStopping] = useState(false)
  const [outcome, setOutcome] = useState<Outcome>()
  /** Looked at before each command. */
  const isStopped = useRef(false)
  useLayoutEffect(() => dialog.current?.showModal(), [])
  // The field that had the focus is gone when it is done.
  useLayoutEffect(() => void (outcome?.isDone === true && chief.current?.focus()), [outcome])

  const carryOut = async (): Promise<void> => {
    isStopped.current = false
    setSending(true)
    setOutcome(undefined)
    let last: Outcome = { isDone: false, words: 'Nothing to do.' }
    let count = 0
    for (const command of commands) {
      if (isStopped.current) break
      last = await send(command, given)
      if (!last.isDone) break
      count++
    }
    setSending(false)
    setStopping(false)
    if (count > 0) {
      onToken(given)
      done?.()
    }
    setOutcome(counted(count, commands.length, last))
  }
  const isDone = outcome?.isDone === true
  const isOne = commands.length === 1
  /** What is asked cannot be called back: its outcome is waited for, and nothing more is asked. */
  const stop = (): void => {
    isStopped.current = true
    setStopping(true)
  }
  return (
    <dialog
      ref={dialog}
      onCancel={(event) => {
        if (!isSending) return
        event.preventDefault()
        stop()
      }}
      onClose={() => {
        if (!isSending) return onClose()
        // At the second Escape in a row a browser closes it without asking.
        stop()
        dialog.current?.showModal()
      }}
      aria-labelledby="asked"
      aria-describedby="asked-words"
    >
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
          {isSending ? sendingWords(isStopping, isOne) : outcome?.words}
        </p>
        <div class="answers">
          {!isDone && (
            <button
              type="button"
              aria-disabled={isStopping || (isSending && isOne)}
              onClick={() => (isSending ? stop() : dialog.current?.close())}
            >
              {isSending && !isOne ? 'Stop after this one' : 'Cancel'}
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

function sendingWords(isStopping: boolean, isOne: boolean): string {
  if (!isStopping) return 'Asking the daemon …'
  return isOne ? 'It has been asked, and the answer is yet to come …' : 'Stops as soon as the daemon has answered …'
}
