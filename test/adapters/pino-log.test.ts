import fs from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { DiskError } from '../../src/domain/disk-error.ts'
import { createPinoLog } from '../../src/adapters/pino-log.ts'
import { eventually } from '../support/eventually.ts'
import { temporaryFolder } from './http/http-site.ts'

describe('a log of which only errors are wanted', () => {
  it('has what is always written too, as info, with its actor', async () => {
    const destination = join(await temporaryFolder(), 'belay.log')
    const log = createPinoLog({ level: 'error', format: 'json', destination })
    const camera = log.at('root/cameras/dock-1')
    camera.warn('state', { state: 'backingOff' })
    camera.always('operator', { command: 'camera.pause', by: '10.0.0.9' })
    camera.info('state', { state: 'paused' })
    await log.flush()
    const lines = (await readFile(destination, 'utf8')).trimEnd().split('\n')
    expect(lines.map((line) => JSON.parse(line) as object)).toEqual([
      {
        ...{ level: 'info', time: expect.any(String) as string, actor: 'root/cameras/dock-1' },
        ...{ fact: 'operator', command: 'camera.pause', by: '10.0.0.9' },
      },
    ])
  })
})

describe('an error in a line', () => {
  const written = async (error: Error) => {
    const destination = join(await temporaryFolder(), 'belay.log')
    const log = createPinoLog({ level: 'error', format: 'json', destination })
    log.error('supervisor', { error })
    await log.flush()
    return JSON.parse(await readFile(destination, 'utf8')) as { error: object }
  }

  it('has its stack if it is a bug', async () => {
    const { error } = await written(new RangeError('number -1'))
    expect(error).toEqual({
      ...{ type: 'RangeError', message: 'number -1' },
      stack: expect.stringContaining('pino-log.test') as string,
    })
  })

  it('has its code and fields, and no stack, if the world failed', async () => {
    const { error } = await written(new DiskError('open', 'a', 'EIO'))
    expect(error).toEqual({
      ...{ type: 'DiskError', message: 'open of a failed: EIO', code: 'disk.failed' },
      ...{ call: 'open', path: 'a', systemCode: 'EIO' },
    })
  })
})

describe('a log whose disk is full', () => {
  afterEach(() => {
    vi.useRealTimers()
    vi.restoreAllMocks()
  })

  it('is written again once there is room, however much waits; what was dropped is counted, what waits is not', async () => {
    const destination = join(await temporaryFolder(), 'belay.log')
    const log = createPinoLog({ level: 'info', format: 'json', destination })
    log.info('begun')
    await log.flush()
    const written = async () =>
      (await readFile(destination, 'utf8'))
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as { fact: string; lines?: number; number?: number })

    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const noRoom = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })
    const full = vi.spyOn(fs, 'write').mockImplementation((...call: unknown[]) => {
      process.nextTick(call.at(-1) as (error: Error) => void, noRoom)
    })
    const ballast = '.'.repeat(1024 * 1024)
    for (let number = 1; number <= 17; number++) log.info('long', { number, ballast })
    await log.flush()
    vi.advanceTimersByTime(1000)
    await log.flush()
    expect(log.linesDropped).toBe(2)
    full.mockRestore()
    vi.advanceTimersByTime(1000)
    vi.useRealTimers()
    const told = async () => (await readFile(destination, 'utf8')).includes('log lines were dropped') || undefined
    await eventually('what waited is written, and what was dropped is told', told)
    log.info('next')
    await log.flush()
    const lines = await written()
    expect(lines.map(({ fact, number, lines: dropped }) => [fact, number ?? dropped])).toEqual([
      ['begun', undefined],
      ...Array.from({ length: 15 }, (_, index) => ['long', index + 1]),
      ['log lines were dropped: they could not be written', 2],
      ['next', undefined],
    ])
  })
})
