import type { Log } from '../ports/log.ts'

/** Passes on what a generator tells, and says each of its facts in the log and to `note` first. */
export async function* reporting<Fact extends { readonly type: string }, Output>(
  log: Log,
  facts: AsyncGenerator<Fact, Output>,
  note: (fact: Fact) => void,
): AsyncGenerator<Fact, Output> {
  try {
    for (;;) {
      const next = await facts.next()
      if (next.done === true) return next.value
      const { type, ...fields } = next.value
      // Each file comes by these; what became of it is worth a line.
      if (/^file\.(claimed|released|archived)$/.test(type)) log.debug(type, fields)
      else if (/failed|conflict|deadLetter|blocked|retired|low|refused|unpackable|unreadable/.test(type))
        log.warn(type, fields)
      else log.info(type, fields)
      note(next.value)
      yield next.value
    }
  } finally {
    await facts.return(undefined as Output)
  }
}
