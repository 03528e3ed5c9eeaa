import type { OperatorAsked } from '../../../src/inspection-feed/record.ts'

/** `camera.pause by 10.0.0.9`, and what became of it where it was not done. */
export const askedWords = ({ command, by, outcome }: OperatorAsked): string =>
  `${command} by ${by}${outcome === 'done' ? '' : ` (${outcome})`}`
