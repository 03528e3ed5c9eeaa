import { distance } from 'fastest-levenshtein'

/** The word that is likeliest meant. Of equally near ones: of the same letters (`fsp`: `fps`), or else with the same first one. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const unlike = (other: string) => (lettersOf(other) === lettersOf(word) ? 0 : other[0] === word[0] ? 1 : 2)
  return [...known].sort((a, b) => distance(word, a) - distance(word, b) || unlike(a) - unlike(b))[0]
}

const lettersOf = (word: string): string => [...word].sort().join('')
