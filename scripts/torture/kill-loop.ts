import { copyFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { killLeftovers, type LogLine, type RunningDaemon, startDaemon } from '../../test/e2e/support/daemon.ts'
import { createSite, losslessBelt, type Site } from '../../test/e2e/support/site.ts'
import { eventually } from '../../test/support/eventually.ts'
import { Chance } from './chance.ts'
import { DiskWitness } from './disk-witness.ts'
import { gather, readManifest } from './evidence.ts'
import { processesIn } from './leftovers.ts'
import { Lookout } from './lookout.ts'
import { moment, nextMoment } from './moments.ts'
import { deal, noStrikes, sleep, type Strike, Strikes } from './strikes.ts'
import { killUnrecorded } from './unrecorded.ts'
import { faultsOf } from './verdict.ts'

export interface TortureOptions {
  readonly rounds: number
  readonly seed: number
  /** Says what is going on, for people. */
  readonly tell: (line: string) => void
}

export interface TortureReport {
  readonly seed: number
  readonly rounds: number
  readonly strikes: Readonly<Record<Strike, number>>
  /** Starts of the daemon. */
  readonly starts: number
  readonly commits: number
  /** By the daemon's word: those that had to arrive. */
  readonly acceptedRows: number
  /** Whole rows that stood in the data folder after a kill, or after the end, by our own eyes: they had to arrive as well. */
  readonly rowsOnDisk: number
  /** Of these, those that were first seen in a file that was still open. */
  readonly rowsInOpenFiles: number
  /** All of them: the log does not tell what was accepted in the last instant before a kill. */
  readonly deliveredRows: number
  readonly files: number
  /** Times that a file was taken up again after a try that had not ended well. */
  readonly resends: number
  /** Files that a later try found on the server, whole. */
  readonly adoptions: number
  /** What is wrong: nothing is. */
  readonly faults: readonly string[]
}

const clip = fileURLToPath(new URL('../../media/belt-640x480.mp4', import.meta.url))

/** Many small files; a server that doesn't answer is given up within a second; every commit is said. */
const sections = (site: Site) => {
  const { port, username, privateKeyFile, hostKeyFingerprint } = site.sshd
  return {
    csv: '{ rotation: { rows: 12, interval: 400ms }, commitEvery: 20ms }',
    sftp:
      `{ host: 127.0.0.1, port: ${port}, username: ${username}, privateKeyFile: ${privateKeyFile}, ` +
      `hostKey: { fingerprint: '${hostKeyFingerprint}' }, connectTimeout: 1s, operationTimeout: 1s }`,
    log: '{ format: json, level: debug }',
  }
}

/** Two drawn belts whose every frame has its row, and one read by ffmpeg, which must not outlive the daemon. */
const cameras = (site: Site): string[] => [
  losslessBelt('belt-1', 20),
  losslessBelt('belt-2', 20),
  `{ id: dock-1, source: { type: file, path: ${clipIn(site)}, loop: true }, picture: 320x240, fps: 5, detect: { model: particles } }`,
]
const series = ['belt-1/classifier', 'belt-2/classifier', 'dock-1/model']

const clipIn = ({ folder }: Site): string => join(folder, 'belt.mp4')

const triesUnrecorded = 10

/** How often it is started once more at the end, until nothing is left to be sent. */
const lastStarts = 5

/** The daemon as it is shipped, against OpenSSH's server; both are killed again and again, and in the end everything must be there. */
export async function torture({ rounds, seed, tell }: TortureOptions): Promise<TortureReport> {
  const site = await createSite()
  const folders = [site.folder, dirname(site.sshd.privateKeyFile)]
  try {
    await copyFile(clip, clipIn(site))
    const config = await site.configure(cameras(site), sections(site))
    const lookout = new Lookout(site.delivered, series)
    const run = new Rounds(site, config, new Chance(seed))
    for (let round = 1; round <= rounds; round++) tell(`round ${round}: ${await run.round()}`)
    await run.conclude()
    const leftRunning = await processesIn([site.folder])
    const sightings = await lookout.end()
    const evidence = await gather(site, run.logs.flat(), sightings, run.witness)
    const { commits, rows, manifest } = evidence
    await site.sshd.kill()
    const left = [...leftRunning, ...(await processesIn(folders))]
    const faults = [...faultsOf(evidence), ...left.map((process) => `a process is left: ${process}`)]
    return {
      ...{ seed, rounds, strikes: run.strikes, starts: run.logs.length, commits: commits.length },
      acceptedRows: commits.reduce((sum, commit) => sum + commit.rows, 0),
      rowsOnDisk: run.witness.rows.size,
      rowsInOpenFiles: run.witness.open,
      deliveredRows: rows.length,
      files: manifest.length,
      resends: manifest.reduce((sum, { tries }) => sum + Math.max(tries - 1, 0), 0),
      adoptions: run.logs.flat().filter(({ fact, outcome }) => fact === 'file.delivered' && outcome === 'adopted')
        .length,
      faults,
    }
  } finally {
    killLeftovers()
    await site.tearDown()
  }
}

class Rounds {
  readonly strikes = noStrikes()
  /** Of each start of the daemon. */
  readonly logs: (readonly LogLine[])[] = []
  readonly witness: DiskWitness
  readonly #deck: Strikes
  #daemon: RunningDaemon | undefined

  constructor(
    private readonly site: Site,
    private readonly config: string,
    private readonly chance: Chance,
  ) {
    this.#deck = new Strikes(chance)
    this.witness = new DiskWitness(site.data, series)
  }

  /** Waits until a file has arrived since the last strike, or not even for that, then for a moment, and strikes; once or twice. */
  async round(): Promise<string> {
    const { chance, site } = this
    const dealt: string[] = []
    for (let strikes = chance.next() < 0.4 ? 2 : 1; strikes > 0; strikes--) {
      const daemon = this.#running()
      const early = dealt.length > 0 || chance.next() < 0.15
      if (!early) await arrival(daemon)
      const [at, strike] = [nextMoment(chance), this.#deck.next()]
      if (strike === 'unrecorded') {
        dealt.push(`unrecorded at try ${await this.#strikeUnrecorded()}`)
        continue
      }
      const afterMs = chance.between(0, at === 'any' ? 1000 : 4)
      await moment(at, site, series)
      await sleep(afterMs)
      await deal(strike, daemon, site.sshd, chance)
      if (strike === 'daemon') await this.#hasEnded(daemon)
      this.strikes[strike]++
      dealt.push(`${strike} ${afterMs.toFixed(1)} ms after ${early ? 'early ' : ''}${at}`)
    }
    return dealt.join(', ')
  }

  /** Where a kill comes too late it was one like another, and the next life is tried. */
  async #strikeUnrecorded(): Promise<number> {
    for (let tries = 1; tries <= triesUnrecorded; tries++) {
      const daemon = this.#running()
      await arrival(daemon)
      const isHit = await killUnrecorded(daemon, this.site, series)
      await this.#hasEnded(daemon)
      this.strikes[isHit ? 'unrecorded' : 'daemon']++
      if (isHit) return tries
    }
    throw new Error(`Of ${triesUnrecorded} daemons none could be killed before it had recorded a file`)
  }

  /** Lets the daemon end in peace, and begin again for as long as a file still waits. */
  async conclude(): Promise<void> {
    for (let start = 0; start < lastStarts; start++) {
      const daemon = this.#running()
      await arrival(daemon)
      daemon.signal('SIGTERM')
      const { code, signal } = await daemon.exit
      if (code !== 0)
        throw new Error(`The last stop ended with ${code ?? signal}: ${JSON.stringify(daemon.log.slice(-20))}`)
      await this.#hasEnded(daemon)
      if (readManifest(this.site.data).every(({ state }) => state === 'delivered')) return
    }
  }

  async #hasEnded({ log }: RunningDaemon): Promise<void> {
    this.#daemon = undefined
    await this.witness.look(log)
  }

  #running(): RunningDaemon {
    if (this.#daemon === undefined) {
      this.#daemon = startDaemon(this.config)
      this.logs.push(this.#daemon.log)
    }
    return this.#daemon
  }
}

/** Resolves when another file has arrived. */
async function arrival({ log, exit }: RunningDaemon): Promise<void> {
  let ended: string | undefined
  void exit.then((how) => (ended = JSON.stringify(how)))
  const from = log.length
  await eventually(
    () => `a file to arrive; the log ends with ${JSON.stringify(log.slice(-20))}`,
    () => {
      if (ended !== undefined) throw new Error(`The daemon ended with ${ended}: ${JSON.stringify(log.slice(-20))}`)
      return log.slice(from).some(({ fact }) => fact === 'file.delivered') || undefined
    },
    60,
  )
}
