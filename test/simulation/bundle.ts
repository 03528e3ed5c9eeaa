import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build, type Plugin } from 'esbuild'
import type { Mutant } from './mutants.ts'
import type { Run, SimulateOptions } from './simulate.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

export type Simulate = (options: SimulateOptions) => Promise<Run>

/** The simulation on a daemon with one mistake, or on the daemon as it is; `name` names its file. */
export async function simulationOf(mutant: Mutant | undefined, name: string): Promise<Simulate> {
  const file = await bundle('simulate.ts', name, mutant)
  const { simulate } = (await import(pathToFileURL(file).href)) as { simulate: Simulate }
  return simulate
}

/** One module of this folder and all of ours that it needs, as one file that Node runs; its path. */
export async function bundle(entry: string, name: string, mutant?: Mutant): Promise<string> {
  const folder = join(root, 'node_modules/.cache/belay-simulation')
  mkdirSync(folder, { recursive: true })
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
  const file = join(folder, `${name}.mjs`)
  writeFileSync(file, outputFiles[0]?.contents ?? '')
  return file
}

/** The place has to be in the file, and once, or the mutant is none. */
const mutation = ({ name, file, find, replace }: Mutant): Plugin => ({
  name: 'mutation',
  setup(builder) {
    const path = join(root, 'src', file)
    builder.onLoad({ filter: /\.ts$/ }, ({ path: loaded }) => {
      if (loaded !== path) return undefined
      const text = readFileSync(path, 'utf8')
      const places = text.split(find).length - 1
      if (places !== 1) {
        throw new Error(`The mutant "${name}" needs one place in ${relative(root, path)}, and finds ${places}`)
      }
      return { contents: text.replace(find, () => replace), loader: 'ts' as const }
    })
  },
})
