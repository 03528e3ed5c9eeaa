import type { DaemonState } from '../../inspection-feed/protocol.ts'
import { exitCodes, type ExitCode } from '../exit-codes.ts'

export type Asked =
  | { readonly ok: true; readonly state: DaemonState }
  | { readonly ok: false; readonly code: ExitCode; readonly words: string }

/** One that doesn't answer within this is not there, or hangs. */
const answerLimitMs = 3_000

/** What the daemon at `url` says of itself. */
export async function askDaemon(url: string, token: string | undefined): Promise<Asked> {
  if (token !== undefined && !/^[!-~]*$/.test(token)) {
    const words = 'Expected a token as `belay token` makes it, one word, found something else'
    return { ok: false, code: exitCodes.denied, words }
  }
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` }
  try {
    const signal = AbortSignal.timeout(answerLimitMs)
    const answer = await fetch(new URL('/api/state', url), { headers, signal, redirect: 'manual' })
    if (answer.ok) return { ok: true, state: (await answer.json()) as DaemonState }
    return refused(url, answer, token)
  } catch (error) {
    const isLate = error instanceof DOMException && error.name === 'TimeoutError'
    // A connection that cannot be had, or is cut; or an answer that is no JSON.
    if (!isLate && !(error instanceof TypeError) && !(error instanceof SyntaxError)) throw error
    const cause = error instanceof Error && error.cause instanceof Error ? ` (${error.cause.message})` : ''
    const what = isLate ? `does not answer within ${answerLimitMs / 1000} s` : `cannot be reached${cause}`
    return { ok: false, code: exitCodes.unavailable, words: `No Belay: ${url} ${what}` }
  }
}

function refused(url: string, { status, headers }: Response, token: string | undefined): Asked {
  if (status === 401) {
    const what = token === undefined ? 'a token' : 'another token than this one'
    const words = `${url} asks for ${what}: give it with --token-file FILE, or in BELAY_TOKEN`
    return { ok: false, code: exitCodes.denied, words }
  }
  if (status === 429)
    return {
      ok: false,
      code: exitCodes.denied,
      words: `${url} has seen too many wrong tokens: wait ${headers.get('retry-after')} s`,
    }
  return {
    ok: false,
    code: exitCodes.unavailable,
    words: `${url} answers with ${status}: expected a Belay, found something else`,
  }
}
