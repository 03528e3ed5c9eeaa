import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

export interface WorkerEntry {
  readonly url: URL
  /** For the thread's `execArgv`: what it needs to read `url`. */
  readonly execArgv: string[]
}

export type WorkerName = 'belt' | 'inference' | 'preview'

/** The file of a worker thread: the `.ts` source while this module runs from source (tests, `npm run dev`), the built `.js` otherwise. */
export function workerEntry(name: WorkerName): WorkerEntry {
  const fromSource = import.meta.url.endsWith('.ts')
  const url = new URL(`../workers/${name}.${fromSource ? 'ts' : 'js'}`, import.meta.url)
  return { url, execArgv: fromSource ? ['--import', 'tsx'] : [] }
}

/**
 * As `workerEntry`, for `new Worker` without any `execArgv`: there Node reads a thread's first module before tsx can be asked, where
 * Piscina's threads begin with a module of Piscina's own.
 */
export function threadEntry(name: WorkerName): URL {
  const { url, execArgv } = workerEntry(name)
  if (execArgv.length === 0) return url
  const tsx = new URL(
    'dist/esm/api/index.mjs',
    pathToFileURL(createRequire(import.meta.url).resolve('tsx/package.json')),
  )
  const program = `import { register } from '${tsx.href}'; register(); await import('${url.href}')`
  return new URL(`data:text/javascript,${encodeURIComponent(program)}`)
}
