import type { Episode } from './episode.ts'
import { count } from './format.ts'

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

/** What is told in words: the latest of what was no quiet state, a few uploads among them; states only where there is nothing else. `times` as many as at first. */
export function listEpisodes(episodes: readonly Episode[], times: number): ListedEpisodes {
  const states = episodes.filter(({ kind }) => kind === 'state')
  const uploads = episodes.filter(({ kind }) => kind === 'upload')
  const others = episodes.filter(({ kind }) => kind !== 'state' && kind !== 'upload')
  const areStatesListed = states.length === episodes.length
  const shown = {
    episodes: others.slice(-mostEpisodes * times),
    uploads: uploads.slice(-(others.length === 0 ? mostAlone : mostUploads) * times),
    states: areStatesListed ? states.slice(-mostAlone * times) : [],
  }
  return {
    listed: [...shown.episodes, ...shown.uploads, ...shown.states].sort((a, b) => b.from - a.from),
    left: {
      episodes: others.length - shown.episodes.length,
      uploads: uploads.length - shown.uploads.length,
      states: areStatesListed ? states.length - shown.states.length : 0,
    },
    quiet: areStatesListed ? 0 : states.length,
  }
}

/** `12 more episodes and 3 more uploads`; empty where none was cut off. */
export const leftWords = ({ episodes, uploads, states }: ListedEpisodes['left']): string =>
  [more(episodes, 'episode'), more(uploads, 'upload'), more(states, 'state')]
    .filter((words) => words !== '')
    .join(' and ')

const more = (number: number, what: string): string =>
  number === 0 ? '' : `${count(number)} more ${what}${number === 1 ? '' : 's'}`
