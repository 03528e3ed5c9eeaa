/** One figure ÷ another, pair by pair; each pair is measured in the other order than the one before, so that a machine that slows down favours neither. */
export async function ratiosByTurns(
  pairs: number,
  dividend: () => Promise<number>,
  divisor: () => Promise<number>,
): Promise<number[]> {
  const ratios: number[] = []
  for (let pair = 0; pair < pairs; pair++) {
    if (pair % 2 === 0) {
      const first = await dividend()
      ratios.push(first / (await divisor()))
    } else {
      const first = await divisor()
      ratios.push((await dividend()) / first)
    }
  }
  return ratios
}
