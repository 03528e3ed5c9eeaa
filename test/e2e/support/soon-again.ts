const preload = new URL('soon-again.mjs', import.meta.url).href

/** This environment for a daemon that tries again soon whatever has failed: for tests that are about what happens then, and not about the wait. */
export const soonAgain = (environment: Readonly<Record<string, string>> = {}): Record<string, string> => ({
  ...environment,
  NODE_OPTIONS: `${environment['NODE_OPTIONS'] ?? ''} --import=${preload}`,
})
