import type { DaemonState } from '../../inspection-feed/protocol.ts'
import { exitCodes, type ExitCode } from '../exit-codes.ts'
import { version } from '../version.ts'
import { faultIn } from './relied-on.ts'

export type Asked =
  | { readonly ok: true; readonly state: DaemonState }
  | {
      readonly ok: false
      readonly code: ExitCode
      readonly words: string
      /** Nobody answers there, or somebody who is no Belay. */
      readonly isNoBelay?: true
    }

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
    return answer.ok ? stateIn(url, await answer.text()) : refused(url, answer, token)
  } catch (error) {
    const isLate = error instanceof DOMException && error.name === 'TimeoutError'
    // A connection that cannot be had, or is cut.
    if (!isLate && !(error instanceof TypeError)) throw error
    const cause = error instanceof Error && error.cause instanceof Error ? ` (${error.cause.message})` : ''
    const what = isLate ? `does not answer within ${answerLimitMs / 1000} s` : `cannot be reached${cause}`
    return noBelay(`No Belay answers: ${url} ${what}`)
  }
}

/** Whoever has the port may have answered, and a Belay of another version. */
function stateIn(url: string, text: string): Asked {
  let answer: unknown
  try {
    answer = JSON.parse(text)
  } catch {
    return noBelay(`${url} answers with what is no JSON: expected a Belay, found something else`)
  }
  const fault = faultIn(answer)
  if (fault === undefined) return { ok: true, state: answer as DaemonState }
  const told = typeof answer === 'object' && answer !== null && 'version' in answer ? answer.version : undefined
  if (typeof told === 'string' && told !== version)
    return {
      ok: false,
      code: exitCodes.unavailable,
      words: `${url} is version ${told.slice(0, 40)}, and this one, ${version}, cannot read its ${fault}: ask it with its own \`belay status\``,
    }
  const found = fault === '' ? 'something else' : `an answer without ${fault}, or with another kind of it`
  return noBelay(`${url} answers with no state: expected a Belay, found ${found}; see who listens there`)
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
  return noBelay(`${url} answers with ${status}: expected a Belay, found something else`)
}

const noBelay = (words: string): Asked => ({ ok: false, code: exitCodes.unavailable, words, isNoBelay: true })
