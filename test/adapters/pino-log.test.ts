import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { DiskError } from '../../src/domain/disk-error.ts'
import { createPinoLog } from '../../src/adapters/pino-log.ts'
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
