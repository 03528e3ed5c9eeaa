import { describe, expect, it } from 'vitest'
import type { Episode } from '../../inspector/src/timeline/episode.ts'
import { leftWords, listEpisodes } from '../../inspector/src/timeline/listed-episodes.ts'

let at = 0
const some = (kind: Episode['kind'], number: number): Episode[] =>
  Array.from({ length: number }, () => {
    at++
    return { path: 'root/log', kind, label: `${kind} ${at}`, tone: 'good', from: at, to: at, why: null }
  })

const listed = (episodes: readonly Episode[], times = 1) => {
  const told = listEpisodes(episodes, times)
  const numbers = new Map<string, number>()
  for (const { kind } of told.listed) numbers.set(kind, (numbers.get(kind) ?? 0) + 1)
  return { ...Object.fromEntries(numbers), quiet: told.quiet, left: leftWords(told.left) }
}

describe('the episodes that are listed', () => {
  it.each([
    { what: [some('state', 3), some('crash', 20)], list: { crash: 20, quiet: 3, left: '' } },
    { what: [some('crash', 21)], list: { crash: 20, quiet: 0, left: '1 more episode' } },
    {
      what: [some('upload', 12), some('start', 40), some('state', 1)],
      list: { start: 20, upload: 10, quiet: 1, left: '20 more episodes and 2 more uploads' },
    },
    { what: [some('upload', 41), some('state', 1)], list: { upload: 40, quiet: 1, left: '1 more upload' } },
    { what: [some('state', 40)], list: { state: 40, quiet: 0, left: '' } },
    { what: [some('state', 1_200)], list: { state: 40, quiet: 0, left: '1,160 more states' } },
  ])('are the latest, states only where there is nothing else, and the others are counted: $list', ({ what, list }) => {
    expect(listed(what.flat())).toEqual(list)
  })

  it('are more where one asks for more, and all in the end', () => {
    const episodes = [...some('upload', 50), ...some('start', 80)]
    expect(listed(episodes, 4)).toEqual({ start: 80, upload: 40, quiet: 0, left: '10 more uploads' })
    expect(listed(episodes, 16)).toEqual({ start: 80, upload: 50, quiet: 0, left: '' })
  })

  it('begin with the latest', () => {
    const episodes = [...some('start', 1), ...some('upload', 1), ...some('crash', 1)]
    expect(listEpisodes(episodes, 1).listed).toEqual(episodes.toReversed())
  })
})
