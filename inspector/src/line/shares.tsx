import { count } from '../parts/format.ts'
import type { Tone } from '../parts/tone.ts'

interface SharesProps {
  readonly label: string
  readonly parts: readonly { readonly name: string; readonly value: number; readonly tone: Tone }[]
}

/** A bar divided as its parts are; each part says its number when pointed at, and the whole to a screen reader. */
export function Shares({ label, parts }: SharesProps) {
  const words = parts.map(({ name, value }) => `${count(value)} ${name}`).join(', ')
  return (
    <div class="shares" role="img" aria-label={`${label}: ${words}`} title={words}>
      {parts.map(({ name, value, tone }) => value > 0 && <span key={name} class={tone} style={{ flexGrow: value }} />)}
    </div>
  )
}
