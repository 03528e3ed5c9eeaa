import { describe, expect, it } from 'vitest'
import { type AddressToCheck, checkHttp } from '../../../src/commands/check/check-http.ts'
import { HttpBindError, HttpPortTakenError } from '../../../src/domain/http-errors.ts'
import { ManifestFailedError } from '../../../src/domain/manifest-errors.ts'
import { seconds } from '../../../src/domain/units.ts'
import { VirtualClock } from '../../fakes/virtual-clock.ts'

const [host, port] = ['127.0.0.1', 5000]
const check = (address: Partial<AddressToCheck>, clock = new VirtualClock()) =>
  checkHttp(
    {
      ...{ host, port, take: () => Promise.resolve(), holder: () => Promise.resolve('another program' as const) },
      ...{ isRunning: () => Promise.resolve(false), ...address },
    },
    { clock, signal: new AbortController().signal },
  )
const taken = () => Promise.reject(new HttpPortTakenError(host, port))

describe('an address that is free', () => {
  it.each([
    { port: 5000, detail: '127.0.0.1, port 5000 is free' },
    { port: 0, detail: '127.0.0.1, any free port' },
  ])('says so of port $port', async (address) => {
    expect(await check(address)).toEqual({
      name: 'http',
      what: 'address',
      outcome: 'ok',
      took: 0,
      detail: address.detail,
    })
  })
})

describe('an address that is taken', () => {
  it('by the Belay that runs on this configuration is as it should be', async () => {
    const isRunning = () => Promise.resolve(true)
    expect(await check({ take: taken, holder: () => Promise.resolve('belay'), isRunning })).toMatchObject({
      outcome: 'ok',
      detail: '127.0.0.1, port 5000 is held by the Belay that is running',
    })
  })

  it('by a Belay on another data folder fails, with what to do', async () => {
    expect(await check({ take: taken, holder: () => Promise.resolve('belay') })).toMatchObject({
      outcome: 'failed',
      detail: 'Port 5000 of 127.0.0.1 is held by a Belay that runs on another data folder. Set http.port to a free one',
    })
  })

  it('by a Belay fails where nobody may see which one, and says so', async () => {
    const denied = new ManifestFailedError('/data/manifest.lock', 'access', 'EACCES')
    const isRunning = () => Promise.reject(denied)
    expect(await check({ take: taken, holder: () => Promise.resolve('belay'), isRunning })).toMatchObject({
      outcome: 'failed',
      detail: `Port 5000 of 127.0.0.1 is held by a Belay, and whether it runs on this data folder cannot be told. ${denied.message}`,
    })
  })

  it('by another program fails, with what to do', async () => {
    expect(await check({ take: taken })).toMatchObject({
      outcome: 'failed',
      detail: new HttpPortTakenError(host, port).message,
    })
  })

  it('by a program that says nothing fails after 3 s', async () => {
    const clock = new VirtualClock()
    const line = check({ take: taken, holder: () => new Promise(() => undefined) }, clock)
    await clock.advanceAsync(seconds(3))
    expect(await line).toMatchObject({
      outcome: 'failed',
      took: seconds(3),
      detail: `${new HttpPortTakenError(host, port).message}. It does not answer within 3 s`,
    })
  })
})

describe('an address that cannot be had', () => {
  it('says why', async () => {
    const error = new HttpBindError('10.9.9.9', port, 'EADDRNOTAVAIL')
    expect(await check({ take: () => Promise.reject(error) })).toMatchObject({
      outcome: 'failed',
      detail: error.message,
    })
  })
})
