import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Clip, makeClip } from './clip.ts'
import { type Network, type NetworkName, writeNetwork } from './networks.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

/** What benchmarks work with, each thing made when it is first asked for. */
export class Workshop {
  readonly #clips = new Map<number, Promise<Clip>>()
  readonly #networks = new Map<NetworkName, Promise<Network>>()
  #built = false

  constructor(
    /** Files may be left here; it is removed at the end. */
    readonly folder: string,
    private readonly tell: (line: string) => void,
  ) {}

  /** Builds the daemon. */
  build(): void {
    if (this.#built) return
    this.#run('build:daemon', 'building the daemon')
    this.#built = true
  }

  /** Builds the page as it is shipped. */
  buildPage(): void {
    this.#run('build:inspector', 'building the page')
  }

  #run(script: string, words: string): void {
    this.tell(words)
    execFileSync('npm', ['run', '--silent', script], { cwd: root, stdio: ['ignore', 2, 2] })
  }

  /** Ten seconds of the belt at so many frames a second. */
  clip(rate = 30): Promise<Clip> {
    const known = this.#clips.get(rate)
    if (known !== undefined) return known
    this.tell(`recording ten seconds at ${rate} frames a second`)
    const made = makeClip(join(this.folder, `belt-${rate}.mp4`), 10 * rate, rate)
    this.#clips.set(rate, made)
    return made
  }

  network(name: NetworkName): Promise<Network> {
    const known = this.#networks.get(name) ?? writeNetwork(this.folder, name)
    this.#networks.set(name, known)
    return known
  }
}
