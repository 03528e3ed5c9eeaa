import { mkdir, readFile } from 'node:fs/promises'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type ssh2 from 'ssh2'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { serveFolder } from '../../../src/adapters/sftp/embedded-files.ts'
import { gatherRequests } from '../../../src/adapters/sftp/gather-requests.ts'
import { createSftpConnector } from '../../../src/adapters/sftp/ssh2-connector.ts'
import { systemClock } from '../../../src/adapters/system-clock.ts'
import { seconds } from '../../../src/domain/units.ts'
import type { SftpSession } from '../../../src/ports/sftp-session.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { startRawServer } from './raw-server.ts'

let home: string
let session: SftpSession
/** Lengths of the packets that the server has been sent on the session's channel. */
let packets: number[]

beforeEach(async () => {
  home = await temporaryFolder('belay-gather-')
  await mkdir(join(home, 'remote'))
  packets = []
  const raw = await startRawServer({
    onSftp(sftp) {
      const served = serveFolder(sftp, join(home, 'remote'))
      sftp.on('close', () => void served.close())
      // By which ssh2 hands a channel what has come for it; its types hide it.
      const channel = sftp as unknown as { push: (bytes: Buffer | null) => unknown }
      const push = channel.push.bind(channel)
      channel.push = (bytes) => {
        if (bytes !== null) packets.push(bytes.length)
        return push(bytes)
      }
    },
  })
  onTestFinished(() => raw.close())
  const server = createSftpConnector({
    ...{ host: '127.0.0.1', port: raw.port, username: 'belay', password: 'any', hostKey: 'accept-any' },
    ...{ connectTimeout: seconds(20), operationTimeout: seconds(30), channels: 1, clock: systemClock },
  })
  session = await server.connect(new AbortController().signal)
  onTestFinished(() => session.end())
})

/** How long the packets were in which the server was asked what `ask` asks. */
const packetsOf = async (ask: () => Promise<unknown>): Promise<number[]> => {
  const before = packets.length
  await ask()
  return packets.slice(before)
}

const names = Array.from({ length: 10 }, (_, index) => `file-${index}.csv`)
const statAll = () => Promise.all(names.map((name) => session.stat(name)))

describe('requests that are made in one turn of the event loop', () => {
  it('reach the server in one packet, and each is answered', async () => {
    const sent = await packetsOf(async () => expect(await statAll()).toEqual(names.map(() => undefined)))
    expect(sent).toHaveLength(1)
  })

  it('take a packet each where they are made in turns of their own', async () => {
    const sent = await packetsOf(async () => {
      for (const name of names) await session.stat(name)
    })
    expect(sent).toHaveLength(names.length)
  })

  it('take more packets, none too long, where they do not fit into one, in the order in which they were made', async () => {
    const content = randomBytes(100_000)
    const handle = await session.open('file.csv', 'wx')
    const sent = await packetsOf(() =>
      Promise.all([
        ...[0, 20_000, 40_000, 60_000, 80_000].map((at) =>
          session.write(handle, content.subarray(at, at + 20_000), at),
        ),
        session.fstat(handle),
        session.close(handle),
      ]),
    )
    expect(sent).toHaveLength(5)
    expect(Math.max(...sent)).toBeLessThanOrEqual(32_768)
    expect(await readFile(join(home, 'remote/file.csv'))).toEqual(content)
  })

  it('fit into what the server takes, and go before the end of their channel', () => {
    const sent: string[] = []
    const channel = {
      outgoing: { packetSize: 10 },
      _protocol: {
        channelData: (id: number, bytes: Buffer) => sent.push(`${id}: ${bytes.toString()}`),
        channelClose: (id: number) => sent.push(`${id} closes`),
      },
    }
    gatherRequests(channel as unknown as ssh2.SFTPWrapper)
    for (const request of ['12345', '6789', 'abc']) channel._protocol.channelData(7, Buffer.from(request))
    channel._protocol.channelClose(7)
    expect(sent).toEqual(['7: 123456789', '7: abc', '7 closes'])
  })
})
