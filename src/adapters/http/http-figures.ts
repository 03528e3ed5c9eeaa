/** What a server has counted since the daemon's start, over all its lives. */
export interface HttpFigures {
  /** By status code. */
  readonly responses: ReadonlyMap<number, number>
  readonly connections: number
  /** Beyond the limit. */
  readonly connectionsCut: number
  readonly feedClients: number
  readonly feedsRefused: number
}

export class HttpCounters {
  readonly responses = new Map<number, number>()
  connections = 0
  connectionsCut = 0
  feedsRefused = 0

  responded(code: number): void {
    this.responses.set(code, (this.responses.get(code) ?? 0) + 1)
  }
}
