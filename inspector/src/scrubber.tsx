import { momentMs, utc, zone } from './parts/format.ts'
import type { History } from './history/history.ts'
import type { Scene } from './history/scene.ts'

interface ScrubberProps {
  readonly history: History
  /** What is to be said of the history itself. */
  readonly words: string | undefined
  readonly scene: Scene
  readonly canGoLive: boolean
  readonly moment: number | undefined
  readonly onMoment: (moment: number | undefined) => void
}

/** Goes back through what is remembered: every view shows the moment that it stands at. */
export function Scrubber({ history, words, scene, canGoLive, moment, onMoment }: ScrubberProps) {
  const { first, last } = history
  const note = words !== undefined && (
    <p class="hint" role="status">
      {words}
    </p>
  )
  if (first === undefined || last === undefined) return note && <div class="scrubber">{note}</div>
  const at = scene.isPast ? scene.monotonic : last.monotonic
  /** To the next moment, of one side or the other, at which something other than gauges happened. */
  const step = (by: 1 | -1): void => {
    const { records } = history
    let index = by === 1 ? history.countAt(at) : history.countAt(at - 0.01) - 1
    while (records[index]?.type === 'gauges.read') index += by
    const found = records[index]
    if (found !== undefined) onMoment(found.monotonic)
  }
  return (
    <div class="scrubber" role="group" aria-label="Moment">
      <button type="button" onClick={() => step(-1)} aria-label="What happened before">
        ‹
      </button>
      <input
        type="range"
        aria-label="Moment that is shown"
        aria-valuetext={momentMs(scene.now)}
        min={first.monotonic}
        max={last.monotonic}
        step="any"
        value={at}
        onInput={({ currentTarget }) => onMoment(Number(currentTarget.value))}
      />
      <button type="button" onClick={() => step(1)} aria-label="What happened next">
        ›
      </button>
      {/* Four times a second it is another one, of which nobody wants to be told; the slider has it too. */}
      <output aria-live="off" title={utc(scene.now)}>
        {momentMs(scene.now)} <span class="zone">{zone(scene.now)}</span>
      </output>
      <button type="button" onClick={() => onMoment(undefined)} disabled={moment === undefined}>
        {canGoLive ? 'Live' : 'End'}
      </button>
      {canGoLive && moment === undefined && (
        <button type="button" title="Stays at this moment; the daemon goes on" onClick={() => onMoment(last.monotonic)}>
          Hold
        </button>
      )}
      {note}
    </div>
  )
}
