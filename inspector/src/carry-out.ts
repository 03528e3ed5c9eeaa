import type { Command, Outcome } from './operate.ts'

/** How far several commands have come. */
export interface Progress {
  /** Of how many the daemon has said what became of them. */
  readonly asked: number
  readonly done: number
  /** Why the others of them were not done. */
  readonly refusals: readonly string[]
  /** What the daemon said last. */
  readonly said: string
  /** Why nothing more was asked; absent where all were, or somebody stopped. */
  readonly halt?: string
}

export const nothingYet: Progress = { asked: 0, done: 0, refusals: [], said: '' }

/** Asks for one after the other, from where `before` has ended: a refusal keeps none of the others from being tried. */
export async function carryOut(
  commands: readonly Command[],
  before: Progress,
  ask: (command: Command) => Promise<Outcome>,
  isStopped: () => boolean,
): Promise<Progress> {
  let { asked, done, refusals, said } = before.asked === commands.length ? nothingYet : before
  for (const command of commands.slice(asked)) {
    if (isStopped()) break
    const { kind, words } = await ask(command)
    if (kind === 'halted') return { asked, done, refusals, said, halt: words }
    said = words
    asked++
    if (kind === 'done') done++
    else refusals = [...refusals, words]
  }
  return { asked, done, refusals, said }
}

/** What is said of it; `isOver`: there is nothing to go on with. */
export interface Told {
  readonly isOver: boolean
  readonly isGood: boolean
  readonly words: string
}

export function toldOf({ asked, done, refusals, said, halt }: Progress, all: number): Told {
  if (all === 1) return { isOver: done === 1, isGood: done === 1, words: halt ?? said }
  const refused =
    refusals.length === 0 ? '' : ` ${refusals.length} ${were(refusals.length)} not done: ${listed(refusals)}`
  if (halt !== undefined) {
    const so = asked === 0 ? '' : `${done} of ${all} ${are(done)} done.${refused} Then: `
    return { isOver: false, isGood: false, words: so + halt }
  }
  const others = asked < all ? ' Nothing was asked of the others.' : ''
  const due = done === all ? `All ${all} are due at once.` : `${done} of ${all} ${are(done)} due at once.`
  return { isOver: true, isGood: refused === '', words: due + refused + others }
}

const are = (count: number): string => (count === 1 ? 'is' : 'are')
const were = (count: number): string => (count === 1 ? 'was' : 'were')

const mostListed = 3

/** As many of the words as are read; each once. */
function listed(refusals: readonly string[]): string {
  const words = [...new Set(refusals)]
  const left = words.length - mostListed
  return words.slice(0, mostListed).join(' ') + (left > 0 ? ` The log says why of ${left} more.` : '')
}
