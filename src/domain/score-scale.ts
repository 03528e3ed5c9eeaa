/**
 * What a classifier's numbers are. `probabilities`: 0 to 1 each, whatever they add up to. `logits`: of labels of which one is true. `independent-logits`:
 * of labels of which any number may be.
 */
export const scoreScales = ['probabilities', 'logits', 'independent-logits'] as const
export type ScoreScale = (typeof scoreScales)[number]
