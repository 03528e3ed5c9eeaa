import { execFile } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import type { Benchmark } from './benchmark.ts'

/** Below the packages that the programs need. */
const cache = fileURLToPath(new URL('../node_modules/.cache/belay-bench/', import.meta.url))

/**
 * A benchmark that is a program of its own, is given a folder to write to, and prints its figures as JSON: what ran before it has left nothing in its heap.
 *
 * It is compiled as the daemon is; `tsx` has every function told its name when it is made, which costs a tenth of what is measured.
 */
export const inOwnProcess =
  (key: string, program: URL): Benchmark =>
  async ({ folder }, { tell }) => {
    const source = fileURLToPath(program)
    tell(`running ${source}`)
    mkdirSync(cache, { recursive: true })
    const outfile = `${cache}${basename(source, '.ts')}.mjs`
    await build({
      ...{ entryPoints: [source], outfile, bundle: true, packages: 'external' },
      ...{ platform: 'node', format: 'esm', target: 'node20' },
      // Files that a program has beside it are found where its source is.
      define: { 'import.meta.url': JSON.stringify(program.href) },
    })
    const { stdout } = await promisify(execFile)(process.execPath, [outfile, folder])
    return { [key]: JSON.parse(stdout) as object }
  }
