import type { Episode } from './episodes.ts'
import { moment, span } from './format.ts'

const shownEpisodes = 40
/** Files are many: they would hide all else. */
const shownUploads = 10

/** The same in words, for who cannot see the lanes: what was no quiet state, the latest first. */
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
  const told = latest(episodes)
  if (told.length === 0) return null
  return (
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
          {told.map((episode) => (
            <tr key={`${episode.path} ${episode.kind} ${episode.from} ${episode.label}`}>
              <th scope="row">{episode.path.replace(/^root\//, '')}</th>
              <td class={episode.tone}>
                <button type="button" onClick={() => onMoment(episode.from)}>
                  {episode.label}
                </button>
              </td>
              <td class="at">{moment(episode.from + wallOffset).slice(11)}</td>
              <td>{span((episode.to ?? monotonic) - episode.from)}</td>
              <td class="why">{episode.why}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

/** What was no quiet state; of the uploads the latest few, unless there is nothing else. */
function latest(episodes: readonly Episode[]): readonly Episode[] {
  const told = episodes.filter(({ kind }) => kind !== 'state')
  const others = told.filter(({ kind }) => kind !== 'upload')
  if (others.length === 0) return told.slice(-shownEpisodes).reverse()
  const uploads = told.filter(({ kind }) => kind === 'upload').slice(-shownUploads)
  return [...others.slice(-shownEpisodes), ...uploads].sort((a, b) => b.from - a.from)
}
