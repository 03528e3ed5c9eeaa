/** How a choice is drawn; a tape that is recorded doesn't ask. */
export interface Likeliness {
  /** How likely the choice is not to be benign; 0 if not said. */
  readonly eager?: number
  /** The likeliest after 0. */
  readonly favourite?: number
  /** Nothing but 0 and these is drawn; all if not said. */
  readonly among?: readonly number[]
}

/**
 * Every choice of one simulated run, in order. 0 is always the benign choice (the first call answers, and well; nothing
 * happens beside), so that setting entries to 0 makes a run simpler, and a tape that is too short goes on benignly.
 */
export class Tape {
  /** What has been chosen so far. */
  readonly taken: number[] = []
  /** While it is set, every choice is benign, and the tape stands still. */
  isBenign = false

  private constructor(private readonly next: (options: number, how: Likeliness) => number) {}

  /** Chooses by chance. */
  static drawn(random: () => number): Tape {
    return new Tape((options, { eager = 0, favourite = 0, among }) => {
      if (random() >= eager) return 0
      if (among !== undefined) return among[Math.floor(random() * among.length)] ?? 0
      if (favourite > 0 && random() < 0.7) return Math.min(favourite, options - 1)
      return 1 + Math.min(options - 2, Math.floor(random() * (options - 1)))
    })
  }

  /** Chooses as recorded, as far as there are that many options. */
  static recorded(choices: readonly number[]): Tape {
    let position = 0
    return new Tape((options) => Math.min(choices[position++] ?? 0, options - 1))
  }

  /** A whole number from 0 up to, not including, `options`. */
  choose(options: number, how: Likeliness): number {
    if (this.isBenign || options < 2) return 0
    const choice = this.next(options, how)
    this.taken.push(choice)
    return choice
  }
}

/** The choices that are not benign, as `position:choice` pairs: `12:3,40:1`. */
export const formatTape = (choices: readonly number[]): string =>
  choices.flatMap((choice, position) => (choice === 0 ? [] : [`${position}:${choice}`])).join(',')

/** @throws {RangeError} `text` is no such list. */
export function parseTape(text: string): number[] {
  const choices: number[] = []
  for (const pair of text.split(',').filter((part) => part !== '')) {
    const [, position, choice] = /^(\d+):(\d+)$/.exec(pair) ?? []
    if (position === undefined || choice === undefined) {
      throw new RangeError(`"${pair}" is no choice of a tape: expected POSITION:CHOICE, as in 12:3,40:1`)
    }
    while (choices.length < Number(position)) choices.push(0)
    choices[Number(position)] = Number(choice)
  }
  return choices
}

/** Numbers in [0, 1) that depend on `seed` alone (sfc32, from PractRand; the first twelve are thrown away). */
export function randomFrom(seed: number): () => number {
  let a = 0x9e3779b9
  let b = 0x243f6a88
  let c = seed >>> 0
  let counter = (seed / 0x1_0000_0000) >>> 0 || 1
  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + sum
    return (sum >>> 0) / 0x1_0000_0000
  }
  for (let warmUp = 0; warmUp < 12; warmUp++) next()
  return next
}
