import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { setFlagsFromString } from 'node:v8'
import { build, type Plugin } from 'esbuild'
import type { Change } from './mutant.ts'
import type { Run, SimulateOptions } from './simulate.ts'

// A run calls a great many functions, each seldom: compiled together with those that they call, they cost more than they save.
setFlagsFromString('--max-inlined-bytecode-size-cumulative=100')

const root = fileURLToPath(new URL('../..', import.meta.url))

/** What is changed in the daemon. */
interface Mistake extends Change {
  readonly name: string
  readonly and?: Change
}

export type Simulate = (options: SimulateOptions) => Promise<Run>

/** The simulation on a daemon with one mistake, or on the daemon as it is; `name` names its file. */
export async function simulationOf(mutant: Mistake | undefined, name: string): Promise<Simulate> {
  const file = await bundle('simulate.ts', name, mutant)
  const { simulate } = (await import(pathToFileURL(file).href)) as { simulate: Simulate }
  return simulate
}

/** One module of this folder and all of ours that it needs, as one file that Node runs; its path. */
export async function bundle(entry: string, name: string, mutant?: Mistake): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(root, 'test/simulation', entry)],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    target: 'node20',
    plugins: mutant === undefined ? [] : [mutation(mutant)],
  })
  const file = join(ownFolder(), `${name}.mjs`)
  writeFileSync(file, outputFiles[0]?.contents ?? '')
  return file
}

let folder: string | undefined

/** Of this process or thread alone, below the packages that the bundles need; gone when it ends. */
function ownFolder(): string {
  if (folder !== undefined) return folder
  const cache = join(root, 'node_modules/.cache')
  mkdirSync(cache, { recursive: true })
  const made = mkdtempSync(join(cache, 'belay-simulation-'))
  process.once('exit', () => rmSync(made, { recursive: true, force: true }))
  folder = made
  return made
}

/** Each place has to be in its file, and once, or the mutant is none. */
const mutation = (mutant: Mistake): Plugin => ({
  name: 'mutation',
  setup(builder) {
    const changes = [mutant, ...(mutant.and === undefined ? [] : [mutant.and])]
    builder.onLoad({ filter: /\.ts$/ }, ({ path }) => {
      const here = changes.filter(({ file }) => join(root, 'src', file) === path)
      if (here.length === 0) return undefined
      const contents = here.reduce((text, change) => changed(text, change, mutant.name), readFileSync(path, 'utf8'))
      return { contents, loader: 'ts' as const }
    })
  },
})

function changed(text: string, { file, find, replace }: Change, mutant: string): string {
  const places = text.split(find).length - 1
  if (places !== 1) throw new Error(`The mutant "${mutant}" needs one place in src/${file}, and finds ${places}`)
  return text.replace(find, () => replace)
}
