import { useState } from 'preact/hooks'
import { type Episode, isMark, whose } from './episode.ts'
import { count, shortMoment, span } from '../parts/format.ts'
import { leftWords, listEpisodes } from './listed-episodes.ts'
import { Time } from '../parts/time.tsx'
import { hashOf } from '../place.ts'

/** The same in words, for who cannot see the lanes, the latest first; and how many are not listed. */
export function EpisodeTable({
  episodes,
  monotonic,
  wallOffset,
  onMoment,
}: {
  readonly episodes: readonly Episode[]
  readonly monotonic: number
  /** Wall time of monotonic 0. */
  readonly wallOffset: number
  readonly onMoment: (monotonic: number) => void
}) {
  const [times, setTimes] = useState(1)
  const { listed, left, quiet } = listEpisodes(episodes, times)
  const cut = leftWords(left)
  const today = monotonic + wallOffset
  if (listed.length === 0) return null
  return (
    <>
      <div class="panel" tabIndex={0} role="region" aria-label="Episodes, the latest first">
        <table class="tree episodes">
          <thead>
            <tr>
              <th scope="col">actor</th>
              <th scope="col">what</th>
              <th scope="col">at</th>
              <th scope="col">took</th>
              <th scope="col">why</th>
            </tr>
          </thead>
          <tbody>
            {listed.map((episode) => (
              <tr key={`${episode.path} ${episode.kind} ${episode.from} ${episode.label}`}>
                <th scope="row">{whose(episode.path)}</th>
                <td class={`what ${episode.tone}`}>
                  <button type="button" onClick={() => onMoment(episode.from)}>
                    {episode.label}
                  </button>
                  {episode.file !== undefined && (
                    <>
                      {' '}
                      <a href={hashOf({ view: 'files', path: episode.file })} aria-label={`File ${episode.file}`}>
                        file
                      </a>
                    </>
                  )}
                </td>
                <td class="at">
                  <Time at={episode.from + wallOffset} words={shortMoment(episode.from + wallOffset, today)} />
                </td>
                <td>{!isMark(episode.kind) && span(Math.min(episode.to ?? monotonic, monotonic) - episode.from)}</td>
                <td class="why">{episode.why}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {(cut !== '' || quiet > 0) && (
        <p class="hint left">
          {cut !== '' && (
            <>
              {cut}.{' '}
              <button type="button" class="button" onClick={() => setTimes(times * 4)}>
                List more
              </button>{' '}
            </>
          )}
          {quiet > 0 && `${count(quiet)} quiet ${quiet === 1 ? 'state is' : 'states are'} listed by “only states”.`}
        </p>
      )}
    </>
  )
}
