export interface WorkerEntry {
  readonly url: URL
  /** For the thread's `execArgv`: what it needs to read `url`. */
  readonly execArgv: string[]
}

/** The file of a worker thread: the `.ts` source while this module runs from source (tests, `npm run dev`), the built `.js` otherwise. */
export function workerEntry(name: 'belt' | 'inference'): WorkerEntry {
  const fromSource = import.meta.url.endsWith('.ts')
  const url = new URL(`../workers/${name}.${fromSource ? 'ts' : 'js'}`, import.meta.url)
  return { url, execArgv: fromSource ? ['--import', 'tsx'] : [] }
}
