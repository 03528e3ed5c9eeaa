import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import { carryOut, nothingYet, type Told, toldOf } from './carry-out.ts'
import { type Request, send } from './operate.ts'

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
  const [told, setTold] = useState<Told>()
  const progress = useRef(nothingYet)
  /** Looked at before each command. */
  const isStopped = useRef(false)
  useLayoutEffect(() => dialog.current?.showModal(), [])
  // The field that had the focus is gone when it is done.
  useLayoutEffect(() => void (told?.isOver === true && chief.current?.focus()), [told])

  const goOn = async (): Promise<void> => {
    isStopped.current = false
    setSending(true)
    setTold(undefined)
    progress.current = await carryOut(
      commands,
      progress.current,
      (command) => send(command, given),
      () => isStopped.current,
    )
    setSending(false)
    setStopping(false)
    if (progress.current.asked > 0) onToken(given)
    if (progress.current.done > 0) done?.()
    setTold(toldOf(progress.current, commands.length))
  }
  const isOver = told?.isOver === true
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
          if (isOver) dialog.current?.close()
          else if (!isSending) void goOn()
        }}
      >
        <h2 id="asked">{title}</h2>
        <p id="asked-words">{words}</p>
        <p class="hint">Of the Belay at {location.host}.</p>
        {!isOver && (
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
        <p role="status" class={told?.isGood === true ? 'good' : 'bad'}>
          {isSending ? sendingWords(isStopping, isOne) : told?.words}
        </p>
        <div class="answers">
          {!isOver && (
            <button
              type="button"
              aria-disabled={isStopping || (isSending && isOne)}
              onClick={() => (isSending ? stop() : dialog.current?.close())}
            >
              {isSending && !isOne ? 'Stop after this one' : 'Cancel'}
            </button>
          )}
          <button ref={chief} type="submit" class="chief" aria-disabled={isSending}>
            {isOver ? 'Close' : told !== undefined && progress.current.asked > 0 && !isOne ? 'Go on' : verb}
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
