/** A shorter secret is a part of many words and numbers that are none. */
const leastHiddenAnywhere = 4

/**
 * Makes text fit to be shown: credentials in addresses and every one of `secrets`, as it is and percent-encoded, become `***`.
 *
 * One of fewer than four characters is hidden where it stands by itself, with neither letter nor digit beside it, or nobody could read what is left.
 */
export function redactor(secrets: readonly string[]): (text: string) => string {
  const forms = secrets.flatMap((secret) => [secret, percentEncoded(secret)]).filter((form) => form.length > 0)
  // The longest first: a secret that contains another is hidden whole.
  const hidden = [...new Set(forms)].sort((a, b) => b.length - a.length).map(placesOf)
  return (text) =>
    hidden.reduce((shown, places) => shown.replaceAll(places, '***'), text.replace(/(\w:\/\/)[^/\s'"]*@/g, '$1***@'))
}

/** As `encodeURIComponent`, and the quotes as well, so that the result can stand in any quoted text. */
export const percentEncoded = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)

function placesOf(form: string): RegExp {
  const itself = form.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
  const isShort = form.length < leastHiddenAnywhere
  return new RegExp(isShort ? `(?<![\\p{L}\\p{N}])${itself}(?![\\p{L}\\p{N}])` : itself, 'gu')
}
