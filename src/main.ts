#!/usr/bin/env node
import { setImmediate } from 'node:timers/promises'
import { exitCodes } from './commands/exit-codes.ts'
import { nodeTooOld } from './commands/node-version.ts'
import { Signals } from './commands/terminal/signals.ts'
import { isReaderGone, speaker } from './commands/terminal/speaker.ts'
import { systemWords } from './commands/terminal/system-words.ts'

const tooOld = nodeTooOld(process.versions.node)
if (tooOld !== undefined) {
  process.stderr.write(`${tooOld}\n`)
  // As a configuration that is wrong: a person has to act.
  process.exit(78)
}

// Before all else: a signal that comes while the rest is still being loaded is heard too.
const signals = new Signals()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => signals.came(signal))

// A reader that is gone (`belay demo | head`, a terminal that was closed) ends what was done for it, in order. A file that takes no more
// ends nothing, but what it lacks is said, and was not all well. The daemon's log goes its own way.
let isIncomplete = false
const out = speaker(process.stdout, (code) => {
  if (isReaderGone(code)) return signals.unread()
  isIncomplete = true
  err(`standard output: expected a file that can be written, found ${systemWords(code)}; the rest is left out\n`)
})
const err = speaker(process.stderr, (code) => {
  if (isReaderGone(code)) signals.unread()
})

const { runProgram } = await import('./commands/program.ts')

const ended = await runProgram(process.argv, {
  ...{ out, err },
  isInteractive: process.stdout.isTTY,
  onSignal: (listener) => signals.listen(listener),
  environment: process.env,
  folder: process.cwd(),
})
// What was said last may fail a moment later.
await setImmediate()
const exitCode = isIncomplete && ended === exitCodes.ok ? exitCodes.cutOff : ended

// Inference threads that hang abort the process on any exit but by a signal that nobody listens to.
if (exitCode === 137 || exitCode === 143) {
  process.removeAllListeners('SIGTERM')
  process.kill(process.pid, exitCode === 137 ? 'SIGKILL' : 'SIGTERM')
  // As process 1 of a container it takes no signal from itself, and an exit would wait for those threads.
  if (process.pid === 1) process.abort()
}
process.exit(exitCode)
