/** A text longer than this is cut: what the feed holds is bounded by how many things it tells of. */
const longestText = 500

export const clip = (text: string): string => (text.length > longestText ? `${text.slice(0, longestText - 1)}…` : text)

/** An error as one line for people; of what is no error, nothing is shown. */
export const errorText = (error: unknown): string =>
  clip(error instanceof Error ? `${error.name}: ${error.message}` : 'it threw something that is no error')

/** The first of these that fit, whole, into one text, each on a line of its own. */
export function linesThatFit(words: readonly string[]): readonly string[] {
  let length = 0
  const over = words.findIndex((word) => (length += word.length + 1) > longestText + 1)
  return over === -1 ? words : words.slice(0, over)
}
