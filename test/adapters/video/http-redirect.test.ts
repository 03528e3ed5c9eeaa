import { describe, expect, it } from 'vitest'
import { adviceOnRedirects, redirectOf } from '../../../src/adapters/video/http-redirect.ts'

const at = (url: string, statusCode: number, location?: string) =>
  redirectOf(new URL(url), { statusCode, headers: location === undefined ? {} : { location } })

describe('an answer that points elsewhere', () => {
  it.each([
    { from: 'http://a/videos/one.mp4', location: '/two.mp4', to: 'http://a/two.mp4' },
    { from: 'http://a/videos/one.mp4', location: 'two.mp4?key=1', to: 'http://a/videos/two.mp4?key=1' },
    { from: 'https://a/one.mp4', location: '//b/two.mp4', to: 'https://b/two.mp4' },
    { from: 'http://a/one.mp4', location: 'https://a/one.mp4', to: 'https://a/one.mp4' },
  ])('sends from $from by "$location" to $to', ({ from, location, to }) => {
    for (const status of [301, 302, 303, 307, 308])
      expect(at(from, status, location)).toEqual({ type: 'to', url: new URL(to) })
  })

  it.each([
    { location: undefined, detail: 'redirects (302) and does not say where to' },
    { location: 'http://[', detail: 'redirects (302) to what is no address' },
    {
      location: 'file:///etc/shadow',
      detail: 'redirects (302) to file:, and only http: and https: are followed',
    },
  ])('is refused where it points to $location', ({ location, detail }) => {
    expect(at('http://a/one.mp4', 302, location)).toEqual({ type: 'refused', detail, advice: adviceOnRedirects })
  })

  it('is refused where it leads from https to http, and the key in the address is not shown', () => {
    expect(at('https://a/one.mp4', 307, 'http://viewer:opensesame@a/two.mp4?key=opensesame')).toEqual({
      type: 'refused',
      detail: 'redirects (307) from https: to http://a/two.mp4, where anybody on the way could change the video',
      advice: "Set the camera's url to that address if that is what you want",
    })
  })
})

it('an answer that is no redirect points nowhere', () => {
  for (const status of [200, 206, 300, 304, 401, 404]) expect(at('http://a/', status, '/two.mp4')).toBeUndefined()
})
