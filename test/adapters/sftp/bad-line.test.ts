import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { openSqliteManifest } from '../../../src/adapters/manifest/open-manifest.ts'
import { systemClock } from '../../../src/adapters/system-clock.ts'
import { createSftpConnector, type SftpConnectorOptions } from '../../../src/adapters/sftp/ssh2-connector.ts'
import type { DeliverDueOptions } from '../../../src/delivery/deliver-due-options.ts'
import { Suspicion } from '../../../src/delivery/suspicion.ts'
import { SftpConnectionLostError, SftpUnreachableError } from '../../../src/domain/delivery-errors.ts'
import { perState } from '../../../src/domain/file-state.ts'
import { type Milliseconds, milliseconds } from '../../../src/domain/units.ts'
import type { Manifest } from '../../../src/ports/manifest.ts'
import { type Sshd, startSshd } from '../../support/sshd.ts'
import { type LineFaults, startTcpProxy, type TcpProxy } from '../../support/tcp-proxy.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { deliverOver, sealRandom, shownIn } from './deliver-over.ts'

let home: string
let sshd: Sshd
let manifest: Manifest
beforeEach(async () => {
  home = await temporaryFolder('belay-line-')
  sshd = await startSshd({ folder: join(home, 'remote') })
  onTestFinished(() => sshd.stop())
  manifest = await openSqliteManifest(join(home, 'data'))
  onTestFinished(() => manifest.close())
  await manifest.beginBoot(systemClock.now())
})

const line = async (faults: Partial<LineFaults>): Promise<TcpProxy> => {
  const proxy = await startTcpProxy(sshd.port, faults)
  onTestFinished(() => proxy.close())
  return proxy
}

const suspicion = new Suspicion()

const deliver = (proxy: TcpProxy, operationTimeout = milliseconds(20_000), options: Partial<DeliverDueOptions> = {}) =>
  deliverOver({
    ...{ folder: join(home, 'data'), manifest, options: { suspicion, ...options } },
    server: serverOver(proxy, operationTimeout),
  })

const serverOver = ({ port }: TcpProxy, operationTimeout: Milliseconds): SftpConnectorOptions => {
  const { host, username, privateKey, hostKeyFingerprint } = sshd
  return {
    ...{ host, port, username, privateKey, hostKey: { fingerprints: [hostKeyFingerprint] } },
    ...{ connectTimeout: milliseconds(20_000), operationTimeout, channels: 4, clock: systemClock },
  }
}

const sizes = (count: number, bytes: number) => Array.from({ length: count }, () => bytes)

describe('files over a line', () => {
  // No faster than such a line lets anybody be: ten round trips for the login alone; 700 kB.
  it.each<[string, Partial<LineFaults>, number]>([
    ['with 50 ms for a round trip', { delayMs: 25 }, 500],
    ['that is slow', { bytesPerSecond: 400_000 }, 1_750],
  ])('%s arrive whole', async (_, faults, leastMs) => {
    const digests = await sealRandom(join(home, 'data'), manifest, [...sizes(20, 20_000), 300_000])
    const proxy = await line(faults)
    const began = performance.now()
    const events = await deliver(proxy)
    expect(performance.now() - began).toBeGreaterThan(leastMs)
    expect(events.filter(({ type }) => type === 'file.delivered')).toHaveLength(21)
    expect(await shownIn(join(home, 'remote'))).toEqual(digests)
  })

  it('that cannot carry within the time for an answer what all of them would send at once arrive whole', async () => {
    const digests = await sealRandom(join(home, 'data'), manifest, sizes(24, 100_000))
    const proxy = await line({ bytesPerSecond: 400_000 })
    const operationTimeout = milliseconds(2_000)
    const server = createSftpConnector(serverOver(proxy, operationTimeout))
    let lost = 0
    for (; (await manifest.counts()).delivered < 24; lost++) {
      expect(lost).toBeLessThan(4)
      await deliver(proxy, operationTimeout, { server }).catch((error: unknown) => {
        if (!(error instanceof SftpConnectionLostError)) throw error
      })
    }
    expect(await shownIn(join(home, 'remote'))).toEqual(digests)
  }, 30_000)

  it('that is cut in the middle of packets arrive whole, each once, however often', async () => {
    const digests = await sealRandom(join(home, 'data'), manifest, sizes(40, 8_000))
    const proxy = await line({})
    let cuts = 0
    for (;;) {
      // An odd number, and another each time: now in a handshake, now in a write, now in a rename.
      proxy.cutAfterBytes = [900, 4_001, 90_001, 150_003][cuts % 4] ?? 0
      try {
        await deliver(proxy)
        if ((await manifest.counts()).delivered === 40) break
      } catch (error) {
        if (!(error instanceof SftpConnectionLostError) && !(error instanceof SftpUnreachableError)) throw error
        cuts++
        expect(cuts).toBeLessThan(60)
        for (const [path, digest] of await shownIn(join(home, 'remote'))) expect(digest).toBe(digests.get(path))
      }
    }
    expect(cuts).toBeGreaterThanOrEqual(4)
    expect(await shownIn(join(home, 'remote'))).toEqual(digests)
    expect(await manifest.counts()).toEqual({ ...perState(() => 0), delivered: 40 })
    expect(await readdir(join(home, 'remote/.belay'))).toEqual([])
  })

  it('that goes silent are unknown when the time for an answer is over, and arrive once it speaks again', async () => {
    const digests = await sealRandom(join(home, 'data'), manifest, sizes(3, 2_000_000))
    // All that is in flight, 3 MB, is answered in 1.5 s: it is not for being slow that answers fail to come.
    const proxy = await line({ bytesPerSecond: 2_000_000 })
    const delivery = deliver(proxy, milliseconds(6_000))
    const lost = expect(delivery).rejects.toBeInstanceOf(SftpConnectionLostError)
    while ((await manifest.counts()).sending < 3) await new Promise((done) => setTimeout(done, 5))
    proxy.silent = true
    await lost
    expect((await manifest.files({ limit: 9 })).map(({ state, ambiguous }) => [state, ambiguous])).toEqual(
      sizes(3, 0).map(() => ['pending', true]),
    )
    Object.assign(proxy, { silent: false, bytesPerSecond: Infinity })
    await deliver(proxy)
    expect(await shownIn(join(home, 'remote'))).toEqual(digests)
  })
})
