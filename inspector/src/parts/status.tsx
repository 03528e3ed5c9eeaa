import { stateWord, type Tone, toneOf } from './tone.ts'

/** One shape a tone, so that nobody needs the colour: disc, half disc, triangle, crossed square, ring. */
const shapes: Readonly<Record<Tone, string>> = {
  good: 'M6 1a5 5 0 1 1 0 10A5 5 0 0 1 6 1Z',
  busy: 'M6 1a5 5 0 1 1 0 10A5 5 0 0 1 6 1Zm0 1.5a3.5 3.5 0 0 0 0 7Z',
  warn: 'M6 .8 11.6 11H.4Z',
  bad: 'M1 1h10v10H1Zm2.2 3.3L4.9 6 3.2 7.7 4.3 8.8 6 7.1 7.7 8.8 8.8 7.7 7.1 6 8.8 4.3 7.7 3.2 6 4.9 4.3 3.2Z',
  off: 'M6 1a5 5 0 1 1 0 10A5 5 0 0 1 6 1Zm0 1.6a3.4 3.4 0 1 0 0 6.8 3.4 3.4 0 0 0 0-6.8Z',
}

interface StatusProps {
  readonly state: string
  readonly description?: string | null
  /** Where the word alone would say too little. */
  readonly word?: string
  readonly tone?: Tone
}

/** A state as shape, colour and word; its full name and description when pointed at. */
export function Status({ state, description, word = stateWord(state), tone = toneOf(state) }: StatusProps) {
  const detail = [state === word ? '' : state, description ?? ''].filter((text) => text !== '').join(': ')
  return (
    <span class={`status ${tone}`} title={detail || undefined}>
      <svg viewBox="0 0 12 12" aria-hidden="true">
        <path d={shapes[tone]} fill-rule="evenodd" />
      </svg>
      {word}
    </span>
  )
}
