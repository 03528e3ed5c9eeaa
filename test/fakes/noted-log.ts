import type { Log } from '../../src/ports/log.ts'

export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {}, always() {}, at: () => silentLog }

/** A log of which what is said at `level` is kept. */
export function notedLog(level: 'debug' | 'warn') {
  const said: unknown[] = []
  const log: Log = {
    ...silentLog,
    [level]: (fact: string, fields?: object) => void said.push({ fact, ...fields }),
    at: () => log,
  }
  return { log, said }
}
