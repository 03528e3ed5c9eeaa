/** States of the uploader in which a session is open. */
const withSession = /^(delivering|failing|draining)$/

/** The others in which it runs. */
const without = /^(connecting|drainingUnconnected|backingOff|refused|full)$/

/** What the state of the uploader's machine, or of its slot, says of it. */
export const uploaderIn = (state: string): { readonly running: boolean; readonly connected: boolean } => {
  const connected = withSession.test(state)
  return { running: connected || without.test(state), connected }
}
