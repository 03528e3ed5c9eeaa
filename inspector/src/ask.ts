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
 * @throws {TurnedAwayError}; {TypeError} the daemon does not answer; {signal.reason}
 */
export async function ask(path: string, signal?: AbortSignal): Promise<Response> {
  if (isTurnedAway) throw new TurnedAwayError()
  const answer = await fetch(path, signal === undefined ? {} : { signal })
  if (answer.status !== 401) return answer
  isTurnedAway = true
  throw new TurnedAwayError()
}
