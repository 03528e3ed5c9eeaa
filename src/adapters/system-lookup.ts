import { lookup } from 'node:dns'
import type { LookupFunction } from 'node:net'

type Answer = Parameters<LookupFunction>[2]

/**
 * As `ask`, but each question is asked once at a time: whoever asks it meanwhile gets that answer.
 *
 * The system answers in one of few threads and cannot be called off: while a name server is silent, the tries of one host
 * would otherwise queue before the names of all others.
 */
export function shareLookups(ask: LookupFunction): LookupFunction {
  const asked = new Map<string, Answer[]>()
  return (host, options, answer) => {
    const { family, hints, all } = options
    const question = JSON.stringify([host, family, hints, all])
    const others = asked.get(question)
    if (others !== undefined) return void others.push(answer)
    const answers = [answer]
    asked.set(question, answers)
    ask(host, options, (...found) => {
      asked.delete(question)
      for (const each of answers) each(...found)
    })
  }
}

/** The addresses of a host's name, as the system has them. */
export const systemLookup = shareLookups(lookup)
