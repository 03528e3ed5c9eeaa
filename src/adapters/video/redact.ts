/** Makes text fit to be shown: credentials in addresses and every one of `secrets`, as it is and percent-encoded, become `***`. */
export function redactor(secrets: readonly string[]): (text: string) => string {
  const forms = secrets.flatMap((secret) => [secret, percentEncoded(secret)]).filter((form) => form.length > 0)
  // The longest first: a secret that contains another is hidden whole.
  const hidden = [...new Set(forms)].sort((a, b) => b.length - a.length)
  return (text) =>
    hidden.reduce((shown, form) => shown.replaceAll(form, '***'), text.replace(/(\w:\/\/)[^/\s'"]*@/g, '$1***@'))
}

/** As `encodeURIComponent`, and the quotes as well, so that the result can stand in any quoted text. */
export const percentEncoded = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
