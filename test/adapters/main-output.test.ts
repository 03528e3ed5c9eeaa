import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { Writable } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { speaker } from '../../src/commands/terminal/speaker.ts'

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url))

const full = () => {
  const file = openSync('/dev/full', 'w')
  onTestFinished(() => closeSync(file))
  return file
}
const belayToken = (stdout: 'pipe' | number, stderr: 'pipe' | number) =>
  spawn(process.execPath, ['--import', 'tsx', main, 'token'], { stdio: ['ignore', stdout, stderr] })
const codeOf = async (child: ChildProcess) => ((await once(child, 'close')) as [number])[0]

describe('a command whose output', () => {
  it('goes to a file that takes no more says so, and does not end as if all were well', async () => {
    const child = belayToken(full(), 'pipe')
    const [said, code] = await Promise.all([text(child.stderr as never), codeOf(child)])
    expect(said).toMatch(
      /^standard output: expected a file that can be written, found ENOSPC \(no space left on device\); the rest is left out$/m,
    )
    expect(said).toContain('viewTokenHash: $scrypt$')
    expect([code, /^ +at /m.test(said)]).toEqual([75, false])
  })

  it('is read, but not its complaints, goes on', async () => {
    const child = belayToken('pipe', full())
    const [said, code] = await Promise.all([text(child.stdout as never), codeOf(child)])
    expect(said).toMatch(/^\S+\n$/)
    expect(code).toBe(0)
  })

  it('nobody reads ends without a stack', async () => {
    const child = belayToken('pipe', 'pipe')
    child.stdout?.destroy()
    const [said, code] = await Promise.all([text(child.stderr as never), codeOf(child)])
    expect([code, said.includes('Error')]).toEqual([0, false])
  })
})

describe('a stream that fails', () => {
  it.each(['EIO', 'EPIPE', 'ENOSPC'])('with %s is told once, and nothing more is said to it', async (code) => {
    const written: string[] = []
    const stream = new Writable({
      decodeStrings: false,
      autoDestroy: false,
      write(chunk: string, _encoding, done) {
        written.push(chunk)
        done(Object.assign(new Error('write'), { code }))
      },
    })
    const lost: string[] = []
    const say = speaker(stream, (found) => lost.push(found))
    say('a')
    await setImmediate()
    say('b')
    expect([written, lost]).toEqual([['a'], [code]])
  })
})
