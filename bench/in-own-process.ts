import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Benchmark } from './benchmark.ts'

/** A benchmark that is a program of its own, is given a folder to write to, and prints its figures as JSON: what ran before it has left nothing in its heap. */
export const inOwnProcess =
  (key: string, program: URL): Benchmark =>
  async ({ folder }, { tell }) => {
    tell(`running ${fileURLToPath(program)}`)
    const args = ['--import', 'tsx', fileURLToPath(program), folder]
    const { stdout } = await promisify(execFile)(process.execPath, args)
    return { [key]: JSON.parse(stdout) as object }
  }
