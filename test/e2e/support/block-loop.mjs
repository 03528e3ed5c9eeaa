// For tests, loaded before the daemon: SIGUSR2 blocks the event loop of the main thread for 5 s, and no other thread's. One of its own
// says a dot on standard error every 100 ms: whoever hears it knows that threads live.
import { isMainThread, Worker } from 'node:worker_threads'
import { performance } from 'node:perf_hooks'

if (isMainThread) {
  const dots = "const { writeSync } = require('node:fs'); setInterval(() => writeSync(2, '.'), 100)"
  new Worker(dots, { eval: true, execArgv: [], env: {} }).unref()
  process.on('SIGUSR2', () => {
    for (const until = performance.now() + 5_000; performance.now() < until;);
  })
}
