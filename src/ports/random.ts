/** One random number in [0, 1) a call; the only source of chance. */
export type Random = () => number
