import type { Episode } from './episodes.ts'
import { span } from './format.ts'

const shownEpisodes = 40

/** The same in words, for who cannot see the lanes: what was no quiet state, the latest first. */
export function EpisodeTable({
  episodes,
  monotonic,
  onMoment,
}: {
  readonly episodes: readonly Episode[]
  readonly monotonic: number
  readonly onMoment: (monotonic: number) => void
}) {
  const told = episodes
    .filter(({ kind }) => kind !== 'state')
    .slice(-shownEpisodes)
    .reverse()
  if (told.length === 0) return null
  return (
    <div class="panel" tabIndex={0} role="region" aria-label="Episodes, the latest first">
      <table class="tree episodes">
        <thead>
          <tr>
            <th scope="col">actor</th>
            <th scope="col">what</th>
            <th scope="col">took</th>
            <th scope="col">why</th>
          </tr>
        </thead>
        <tbody>
          {told.map((episode) => (
            <tr key={`${episode.path} ${episode.kind} ${episode.from} ${episode.label}`}>
              <th scope="row">{episode.path.replace(/^root\//, '')}</th>
              <td class={episode.tone}>
                <button type="button" onClick={() => onMoment(episode.from)}>
                  {episode.label}
                </button>
              </td>
              <td>{span((episode.to ?? monotonic) - episode.from)}</td>
              <td class="why">{episode.why}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
