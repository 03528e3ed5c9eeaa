import { readFileSync } from 'node:fs'

/** The package's version, from its package.json: one folder above the sources and above the build alike. */
export const version: string = (
  JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }
).version
