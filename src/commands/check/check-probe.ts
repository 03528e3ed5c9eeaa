import type { Random } from '../../ports/random.ts'

/** What a probe file holds; it tells whoever finds one that it may go. */
export const probeText: Buffer = Buffer.from('A probe of "belay check". It may be removed.\n')

/** A name of its own for each check, so that two at once don't meet. */
export const probeName = (random: Random): string =>
  `.belay-probe-${Math.floor(random() * 2 ** 32)
    .toString(16)
    .padStart(8, '0')}`
