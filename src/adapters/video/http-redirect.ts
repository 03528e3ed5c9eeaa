import type { IncomingMessage } from 'node:http'

/** As many as `fetch` follows (Fetch standard, "HTTP-redirect fetch"). */
export const mostRedirects = 20

/** Where an answer sends us, or why we don't go there, with what may help. */
export type Redirect =
  | { readonly type: 'to'; readonly url: URL }
  | { readonly type: 'refused'; readonly detail: string; readonly advice: string }

export const adviceOnRedirects = "Set the camera's url to where its pictures really are, or mend the server"

/** Of the answer to a request for `url`; `undefined` if it is no redirect. */
export function redirectOf(url: URL, response: Pick<IncomingMessage, 'statusCode' | 'headers'>): Redirect | undefined {
  const { statusCode: status = 0, headers } = response
  if (![301, 302, 303, 307, 308].includes(status)) return undefined
  const refused = (detail: string, advice = adviceOnRedirects): Redirect => ({
    type: 'refused',
    detail: `redirects (${status}) ${detail}`,
    advice,
  })
  if (headers.location === undefined) return refused('and does not say where to')
  if (!URL.canParse(headers.location, url.href)) return refused('to what is no address')
  const next = new URL(headers.location, url)
  if (next.protocol !== 'http:' && next.protocol !== 'https:')
    return refused(`to ${next.protocol}, and only http: and https: are followed`)
  if (url.protocol === 'https:' && next.protocol === 'http:')
    return refused(
      `from https: to ${shownAddress(next)}, where anybody on the way could change the video`,
      "Set the camera's url to that address if that is what you want",
    )
  return { type: 'to', url: next }
}

/** An address without what follows its path: that may hold a key. */
export const shownAddress = ({ origin, pathname }: URL): string => origin + pathname
