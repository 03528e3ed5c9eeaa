import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, constants, openSync, writeSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { main } from './support/daemon.ts'
import { createSite, losslessBelt, type Site } from './support/site.ts'

let site: Site
beforeEach(async () => {
  site = await createSite()
})
afterEach(() => site.tearDown())

const delivers = () =>
  eventually('rows are delivered', async () => ((await site.deliveredRows()).length > 0 ? true : undefined), 60)

describe('a daemon whose log cannot be written', () => {
  it('goes on, and ends in order, where the disk under its log is full', async () => {
    const full = await open('/dev/full', 'w')
    const daemon = spawn(process.execPath, [main, 'run', await site.configure([losslessBelt('belt-1')])], {
      stdio: ['ignore', full.fd, 'ignore'],
    })
    try {
      const closed = once(daemon, 'close')
      await delivers()
      daemon.kill('SIGTERM')
      expect(await closed).toEqual([0, null])
    } finally {
      daemon.kill('SIGKILL')
      await full.close()
    }
  })

  it('goes on, and ends in order, where nobody takes what it says', async () => {
    const pipe = fullPipe(join(site.folder, 'log'))
    const daemon = spawn(process.execPath, [main, 'run', await site.configure([losslessBelt('belt-1')])], {
      stdio: ['ignore', pipe.end, 'ignore'],
    })
    try {
      const closed = once(daemon, 'close')
      await delivers()
      daemon.kill('SIGTERM')
      expect(await closed).toEqual([0, null])
    } finally {
      daemon.kill('SIGKILL')
      pipe.close()
    }
  })
})

/** A pipe whose reader is there and never reads, filled to the brim. */
function fullPipe(path: string): { end: number; close(): void } {
  execFileSync('mkfifo', [path])
  const reader = openSync(path, constants.O_RDWR | constants.O_NONBLOCK)
  const filler = Buffer.alloc(4096)
  let isFull = false
  while (!isFull) {
    try {
      writeSync(reader, filler)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
      isFull = true
    }
  }
  const end = openSync(path, constants.O_WRONLY)
  return {
    end,
    close() {
      closeSync(end)
      closeSync(reader)
    },
  }
}
