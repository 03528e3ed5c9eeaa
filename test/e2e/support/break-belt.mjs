// A bug for tests, loaded before the daemon: no thread draws the belt of seed 13, and what is thrown is no error that anybody expects.
import { syncBuiltinESMExports } from 'node:module'
import workerThreads from 'node:worker_threads'

const { Worker } = workerThreads
workerThreads.Worker = class extends Worker {
  constructor(file, options) {
    if (options?.workerData?.seed === 13) throw new TypeError('injected: the belt of seed 13 cannot be drawn')
    super(file, options)
  }
}
syncBuiltinESMExports()
