import type { Episode } from './episode.ts'
import { count } from '../parts/format.ts'

/** About a screen: where many come in a second, each row costs. */
const mostEpisodes = 20
/** Uploads or states where there is nothing else. */
const mostAlone = 40
/** Files are many: they would hide all else. */
const mostUploads = 10

export interface ListedEpisodes {
  /** The latest first. */
  readonly listed: readonly Episode[]
  /** How many of each were cut off. */
  readonly left: { readonly episodes: number; readonly uploads: number; readonly states: number }
  /** How many states are not listed because there is something else. */
  readonly quiet: number
}

type Sort = keyof ListedEpisodes['left']

const sortOf = ({ kind }: Episode): Sort => (kind === 'state' ? 'states' : kind === 'upload' ? 'uploads' : 'episodes')

/**
 * What is told in words: the latest of what was no quiet state, a few uploads among them; states only where there is nothing else. `times` as many as
 * at first. `episodes` in the order in which they began.
 */
export function listEpisodes(episodes: readonly Episode[], times: number): ListedEpisodes {
  const all: Record<Sort, number> = { episodes: 0, uploads: 0, states: 0 }
  for (const episode of episodes) all[sortOf(episode)]++
  const areStatesListed = all.states === episodes.length
  const most: Record<Sort, number> = {
    episodes: mostEpisodes * times,
    uploads: (all.episodes === 0 ? mostAlone : mostUploads) * times,
    states: areStatesListed ? mostAlone * times : 0,
  }
  // Counted, and no list made of each sort: there may be ten thousand, four times a second.
  const listed: Episode[] = []
  const left = { ...all }
  for (let index = episodes.length - 1; index >= 0; index--) {
    const episode = episodes[index]!
    const sort = sortOf(episode)
    if (all[sort] - left[sort] >= most[sort]) continue
    left[sort]--
    listed.push(episode)
  }
  return { listed, left: areStatesListed ? left : { ...left, states: 0 }, quiet: areStatesListed ? 0 : all.states }
}

/** `12 more episodes and 3 more uploads`; empty where none was cut off. */
export const leftWords = ({ episodes, uploads, states }: ListedEpisodes['left']): string =>
  [more(episodes, 'episode'), more(uploads, 'upload'), more(states, 'state')]
    .filter((words) => words !== '')
    .join(' and ')

const more = (number: number, what: string): string =>
  number === 0 ? '' : `${count(number)} more ${what}${number === 1 ? '' : 's'}`
