import type { Mutant } from './mutant.ts'

const delivered = 'after the faults everything sealed is delivered'

/** Mistakes that somebody might make where a file is set aside, or should be. */
export const setAsideMutants: readonly Mutant[] = [
  {
    name: 'a file of the right length under our name is taken for ours',
    file: 'delivery/deliver-file.ts',
    find: '  if (digest === file.sha256) return\n',
    replace: '  if (digest !== undefined) return\n',
    breaks: 'every accepted row is in exactly one file exactly once',
  },
  {
    name: 'what has a file’s name on the server makes room for ours',
    file: 'delivery/deliver-file.ts',
    find: '    // First and always, not only after a try without an answer: nothing is ever sent over what is there.\n',
    replace: '    await session.unlink(final).catch(ignoreRefusal)\n',
    breaks: 'a remote path never holds two contents, nor a partial file under a final name',
  },
  {
    name: 'a file whose name somebody else has is tried for ever',
    file: 'delivery/try-file.ts',
    find: '    await manifest.conflict(id, why, at)\n',
    replace: "    await manifest.retry(id, { dueAt: at, ambiguous: false, blame: 'server', why, at })\n",
    breaks: delivered,
  },
  {
    name: 'a file that the server refuses is tried for ever',
    file: 'delivery/try-file.ts',
    find: "blame === 'file' && entry.faults + 1 >= options.deadLetterAfter",
    replace: "blame === 'file' && entry.faults < 0",
    breaks: delivered,
  },
  {
    name: 'a file that fails by itself keeps its place among those in hand',
    file: 'delivery/session-run.ts',
    find: "      if (fact.type === 'file.failed' && fact.again) this.#mayBeDue = true\n",
    replace: "      if (fact.type === 'file.failed' && fact.again) await new Promise(() => undefined)\n",
    breaks: delivered,
  },
  {
    name: 'a file whose name somebody else has is called a dead letter',
    file: 'delivery/try-file.ts',
    find: '    await manifest.conflict(id, why, at)\n',
    replace: '    await manifest.deadLetter(id, why, at)\n',
    breaks: 'what the manifest says of a file is so',
  },
]
