#!/usr/bin/env node
import { nodeTooOld } from './commands/node-version.ts'
import type { Signal } from './commands/terminal/terminal.ts'

const tooOld = nodeTooOld(process.versions.node)
if (tooOld !== undefined) {
  process.stderr.write(`${tooOld}\n`)
  // As a configuration that is wrong: a person has to act.
  process.exit(78)
}

// Before all else: a signal that comes while the rest is still being loaded is heard too.
const early: Signal[] = []
let hear = (signal: Signal): void => void early.push(signal)
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => hear(signal))

// Whoever read our words is gone (`belay demo | head`): that ends what was done for them, in order. The daemon's log goes its own way.
let unread = false
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    if (!unread) hear('SIGTERM')
    unread = true
  })
}

const { runProgram } = await import('./commands/program.ts')

const exitCode = await runProgram(process.argv, {
  out: (text) => void (unread || process.stdout.write(text)),
  err: (text) => void (unread || process.stderr.write(text)),
  isInteractive: process.stdout.isTTY,
  onSignal(listener) {
    hear = listener
    for (const signal of early.splice(0)) listener(signal)
  },
  environment: process.env,
  folder: process.cwd(),
})

// Inference threads that hang abort the process on any exit but by a signal that nobody listens to.
if (exitCode === 137 || exitCode === 143) {
  process.removeAllListeners('SIGTERM')
  process.kill(process.pid, exitCode === 137 ? 'SIGKILL' : 'SIGTERM')
  // As process 1 of a container it takes no signal from itself, and an exit would wait for those threads.
  if (process.pid === 1) process.abort()
}
process.exit(exitCode)
