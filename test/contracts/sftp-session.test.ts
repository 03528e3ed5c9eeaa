import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, onTestFinished } from 'vitest'
import { startEmbeddedSftpServer } from '../../src/adapters/sftp/embedded-server.ts'
import { createSftpConnector } from '../../src/adapters/sftp/ssh2-connector.ts'
import { systemClock } from '../../src/adapters/system-clock.ts'
import { seconds } from '../../src/domain/units.ts'
import { MemorySftpServer } from '../fakes/memory-sftp.ts'
import { type Sshd, startSshd } from '../support/sshd.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { sftpSessionContract } from './sftp-session.contract.ts'

const common = { connectTimeout: seconds(10), channels: 2, operationTimeout: seconds(10), clock: systemClock }

describe('the SFTP server in memory', () =>
  sftpSessionContract(async () => {
    const server = new MemorySftpServer()
    return {
      ...{ server, tellsRoom: true, syncs: true },
      fallSilent: () => (server.fault = () => 'hang'),
      lose: () => server.disconnect(),
    }
  }))

describe('the embedded SFTP server', () =>
  sftpSessionContract(async () => {
    const embedded = await startEmbeddedSftpServer({ folder: await temporaryFolder('belay-sftp-') })
    let closed: Promise<void> | undefined
    const close = () => (closed ??= embedded.close())
    onTestFinished(close)
    const { host, port, username, clientPrivateKey, hostKeyFingerprint } = embedded
    const server = createSftpConnector({
      ...{ host, port, username, privateKey: clientPrivateKey, hostKey: { fingerprints: [hostKeyFingerprint] } },
      ...common,
    })
    return { server, tellsRoom: false, syncs: false, lose: close }
  }))

describe('OpenSSH’s sshd', () => {
  let root: string
  let sshd: Sshd
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'belay-sshd-root-'))
    sshd = await startSshd({ folder: root })
  })
  afterAll(async () => {
    await sshd.stop()
    await rm(root, { recursive: true })
  })
  sftpSessionContract(async () => {
    for (const name of await readdir(root)) {
      await rm(join(root, name), { recursive: true })
    }
    const { host, port, username, privateKey, knownHostsLine } = sshd
    const server = createSftpConnector({
      ...{ host, port, username, privateKey, hostKey: { knownHosts: knownHostsLine } },
      ...common,
    })
    return {
      ...{ server, tellsRoom: true, syncs: true },
      fallSilent: async () => (await sshd.sessions()).forEach((pid) => process.kill(pid, 'SIGSTOP')),
      lose: () => sshd.killSessions(),
    }
  })
})
