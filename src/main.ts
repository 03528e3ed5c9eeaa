#!/usr/bin/env node
import { runProgram } from './commands/program.ts'

const exitCode = await runProgram(process.argv, {
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  isInteractive: process.stdout.isTTY,
  onStopSignal(listener) {
    process.on('SIGINT', listener)
    process.on('SIGTERM', listener)
  },
  environment: process.env,
  folder: process.cwd(),
})

// Inference threads that hang abort the process on any exit but this one.
if (exitCode === 137) process.kill(process.pid, 'SIGKILL')
process.exit(exitCode)
