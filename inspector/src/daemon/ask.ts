/** Nothing has come of the question, not even a refusal. */
export class UnansweredError extends Error {
  constructor(options?: ErrorOptions) {
    super('the daemon does not answer', options)
  }
}

/** The daemon does not accept the token that this page was opened with. */
export class TurnedAwayError extends Error {
  constructor() {
    super('the token is not accepted, and the daemon is asked no more; open this page with ?token=…')
  }
}

let isTurnedAway = false

/**
 * Asks the daemon. Once it has not accepted the token, nothing more is asked until the page is loaded anew: it would be the same answer.
 *
 * @throws {TurnedAwayError}; {UnansweredError}; {signal.reason}
 */
export async function ask(path: string, signal?: AbortSignal): Promise<Response> {
  if (isTurnedAway) throw new TurnedAwayError()
  const answer = await fetch(path, signal === undefined ? {} : { signal }).catch((error: unknown) => {
    throw error instanceof TypeError ? new UnansweredError({ cause: error }) : error
  })
  if (answer.status !== 401) return answer
  isTurnedAway = true
  throw new TurnedAwayError()
}

/** An answer that is not long comes within this time, or the connection is dead. */
const patienceMs = 30_000

/** Aborts with `signal`, or with a `TimeoutError` once an answer has not come for too long. */
export const patient = (signal: AbortSignal, ms = patienceMs): AbortSignal =>
  AbortSignal.any([signal, AbortSignal.timeout(ms)])

/** Why there is no answer, in words. */
export function unansweredWords(error: unknown): string {
  const { name, message } = error as Error
  return name === 'TimeoutError' ? new UnansweredError().message : message
}
