import { describe, expect, it } from 'vitest'
import { checkSftp, type SftpToCheck } from '../../../src/commands/check/check-sftp.ts'
import { SftpAuthenticationError, SftpHostKeyError, SftpUnreachableError } from '../../../src/domain/delivery-errors.ts'
import { seconds } from '../../../src/domain/units.ts'
import { MemorySftpServer, type SftpFault } from '../../fakes/memory-sftp.ts'
import { settle, VirtualClock } from '../../fakes/virtual-clock.ts'

const start = (server: MemorySftpServer, options: Partial<SftpToCheck> = {}) => {
  const clock = new VirtualClock()
  const interruption = new AbortController()
  const line = checkSftp(
    {
      server,
      keyless: new MemorySftpServer(),
      hostKey: { fingerprints: ['SHA256:abc'] },
      folder: 'in',
      folders: [],
      probeName: '.belay-probe-1',
      ...options,
    },
    { clock, signal: interruption.signal },
  )
  return { clock, interruption, line }
}

/** A server with the folder `in`. */
const serverWith = (folders: readonly string[] = ['in']) => {
  const server = new MemorySftpServer()
  for (const folder of folders) server.nodes.set(folder, 'folder')
  return server
}

/** The fault for requests of that name. */
const faulty = (name: string, fault: SftpFault) => {
  const server = serverWith()
  server.fault = (request) => (request.name === name ? fault : undefined)
  return server
}

const tried = 'a file can be written, renamed, read and removed'

describe('a server that takes files', () => {
  it('is left as it was, and says so', async () => {
    const server = serverWith()
    server.put('in/other.csv', 'x')
    expect(await start(server).line).toEqual({
      name: 'sftp',
      what: 'server',
      outcome: 'ok',
      took: 0,
      detail: `belay@memory:22, host key is the pinned one; in in ${tried}`,
    })
    expect(server.tree()).toEqual({ 'in/other.csv': 'x' })
    expect(server.requests.map(({ name, path }) => `${name} ${path}`)).toEqual([
      'stat in',
      'open in/.belay-probe-1.part',
      'write in/.belay-probe-1.part',
      'close in/.belay-probe-1.part',
      'rename in/.belay-probe-1',
      'stat in/.belay-probe-1',
      'open in/.belay-probe-1',
      'read in/.belay-probe-1',
      'read in/.belay-probe-1',
      'close in/.belay-probe-1',
      'unlink in/.belay-probe-1',
    ])
  })

  it.each([
    { folder: '.', folders: [], where: `in the login folder ${tried}` },
    { folder: '/in', folders: ['in'], where: `in /in ${tried}` },
    { folder: '/in/a/b', folders: ['in'], where: `/in/a/b does not exist yet; in /in ${tried}` },
    { folder: '/a', folders: [], where: `/a does not exist yet; in / ${tried}` },
    { folder: 'a/b', folders: [], where: `a/b does not exist yet; in the login folder ${tried}` },
  ])('says where, and makes no folder, with $folder', async ({ folder, folders, where }) => {
    const server = serverWith(folders)
    const line = await start(server, { folder }).line
    expect(line).toMatchObject({ outcome: 'ok', detail: `belay@memory:22, host key is the pinned one; ${where}` })
    expect([...server.nodes.keys()].sort()).toEqual(['', ...folders])
  })
})

describe('the host key', () => {
  const refused = new SftpHostKeyError('belay@memory:22', '', 'SHA256:xyz')
  const showing = (connectError: Error) => Object.assign(new MemorySftpServer(), { connectError })

  it.each([
    { hostKey: { fingerprints: ['SHA256:abc'] }, words: 'host key is the pinned one' },
    { hostKey: { knownHosts: 'memory ssh-ed25519 AAAA' }, words: 'host key is the one in known_hosts' },
    { hostKey: 'accept-any' as const, words: 'host key SHA256:xyz is not compared (accept-any)' },
  ])('is said: $words', async ({ hostKey, words }) => {
    const keyless = showing(refused)
    expect((await start(serverWith(), { hostKey, keyless }).line).detail).toBe(
      `belay@memory:22, ${words}; in in ${tried}`,
    )
  })

  it('may stay unknown where nothing is compared', async () => {
    const keyless = showing(new SftpUnreachableError('belay@memory:22', 'too many connections'))
    expect(await start(serverWith(), { hostKey: 'accept-any', keyless }).line).toMatchObject({
      outcome: 'ok',
      detail: `belay@memory:22, host key is not compared (accept-any); in in ${tried}`,
    })
  })

  it('is asked for once more only where nothing is compared', async () => {
    const keyless = showing(new Error('asked'))
    expect((await start(serverWith(), { keyless }).line).outcome).toBe('ok')
  })
})

describe('a server that cannot be connected to', () => {
  it.each([
    new SftpUnreachableError('belay@memory:22', 'connect ECONNREFUSED'),
    new SftpHostKeyError('belay@memory:22', 'SHA256:abc', 'SHA256:xyz'),
    new SftpAuthenticationError('belay@memory:22', 'belay'),
  ])('fails with $code', async (error) => {
    const server = Object.assign(serverWith(), { connectError: error })
    expect(await start(server).line).toEqual({
      name: 'sftp',
      what: 'server',
      outcome: 'failed',
      took: 0,
      detail: error.message,
    })
    expect(server.requests).toEqual([])
  })
})

describe('a server that refuses', () => {
  it.each(['stat', 'write', 'rename', 'read'])('%s fails, and keeps no probe', async (name) => {
    const server = faulty(name, 'permission-denied')
    const line = await start(server).line
    expect(line.outcome).toBe('failed')
    expect(line.detail).toMatch(new RegExp(`^SFTP ${name} of in\\S* was refused: told to say permission-denied`))
    expect(server.tree()).toEqual({})
  })

  it('every new file fails, with nothing to remove', async () => {
    const server = faulty('open', 'permission-denied')
    expect(await start(server).line).toMatchObject({
      outcome: 'failed',
      detail: 'SFTP open of in/.belay-probe-1.part was refused: told to say permission-denied (permission-denied)',
    })
    expect(server.requests.map(({ name }) => name)).toEqual(['stat', 'open'])
  })

  it('to remove a file says which one is left', async () => {
    const server = faulty('unlink', 'permission-denied')
    expect(await start(server).line).toMatchObject({
      outcome: 'failed',
      detail:
        'SFTP unlink of in/.belay-probe-1 was refused: told to say permission-denied (permission-denied). ' +
        'The probe file in/.belay-probe-1 may still be on the server: remove it by hand',
    })
  })

  it('with a file in the place of the folder says so', async () => {
    const server = new MemorySftpServer()
    server.put('in', 'x')
    expect((await start(server).line).detail).toBe('in on the server is a file; sftp.folder needs a folder')
  })
})

describe('folders that are missing', () => {
  const folders = ['.belay', 'dock-1/model']
  const made = ({ requests }: MemorySftpServer) => requests.filter(({ name }) => name.endsWith('dir'))

  it('are made and removed for a trial, and not asked about where none is missing', async () => {
    const server = serverWith(['in', 'in/.belay'])
    expect((await start(server, { folders }).line).outcome).toBe('ok')
    expect(made(server).map(({ name, path }) => `${name} ${path}`)).toEqual([
      'mkdir in/.belay-probe-1.folder',
      'rmdir in/.belay-probe-1.folder',
    ])
    expect([...server.nodes.keys()]).toEqual(['', 'in', 'in/.belay'])

    const complete = serverWith(['in', 'in/.belay', 'in/dock-1', 'in/dock-1/model'])
    expect((await start(complete, { folders }).line).outcome).toBe('ok')
    expect(made(complete)).toEqual([])
  })

  it('and cannot be made fail, with their names', async () => {
    const server = faulty('mkdir', 'permission-denied')
    expect(await start(server, { folders: [...folders, 'a', 'b', 'c'] }).line).toMatchObject({
      outcome: 'failed',
      detail:
        'SFTP mkdir of in/.belay-probe-1.folder was refused: told to say permission-denied (permission-denied). ' +
        'Belay makes the folders that it needs: let it, or make them by hand: in/.belay, in/dock-1/model, in/a, in/b and 1 more',
    })
  })

  it('are all named where they are few', async () => {
    const { detail } = await start(faulty('mkdir', 'permission-denied'), { folders: [...folders, 'a', 'b'] }).line
    expect(detail).toMatch(/: in\/\.belay, in\/dock-1\/model, in\/a, in\/b$/)
  })

  it('are tried in the nearest folder that is there', async () => {
    const server = serverWith(['in', 'in/.belay', 'in/dock-1', 'in/dock-1/model'])
    expect((await start(server, { folder: 'in/a', folders }).line).outcome).toBe('ok')
    expect(made(server).map(({ name, path }) => `${name} ${path}`)).toEqual([
      'mkdir in/.belay-probe-1.folder',
      'rmdir in/.belay-probe-1.folder',
    ])
  })

  it.each([
    ['rmdir', 'permission-denied'],
    ['mkdir', 'disconnect after'],
  ] as const)('leave a probe where %s ends in %s, which is said', async (request, fault) => {
    const { outcome, detail } = await start(faulty(request, fault), { folders }).line
    expect(outcome).toBe('failed')
    expect(detail).toMatch(
      /The probe folder in\/\.belay-probe-1\.folder may still be on the server: remove it by hand$/,
    )
  })
})

describe('a server that stores half', () => {
  it('is found out', async () => {
    const server = faulty('write', 'short write')
    expect(await start(server).line).toMatchObject({
      outcome: 'failed',
      detail: 'in/.belay-probe-1 was not stored whole: 22 bytes read back are not the 45 that were sent',
    })
    expect(server.tree()).toEqual({})
  })
})

describe('a connection that is lost amid the check', () => {
  it('says under which names the probe may be left', async () => {
    const server = faulty('rename', 'disconnect after')
    expect((await start(server).line).detail).toMatch(
      /^SFTP rename of .* got no answer: .*The probe file in\/\.belay-probe-1\.part or in\/\.belay-probe-1 may still be on the server: remove it by hand$/,
    )
  })
})

describe('an interruption', () => {
  it('removes the probe first', async () => {
    const server = serverWith()
    const { clock, interruption, line } = start(server)
    server.fault = ({ name }) => {
      if (name === 'write') interruption.abort(new Error('SIGINT'))
      return undefined
    }
    expect(await line).toMatchObject({ outcome: 'interrupted', detail: 'interrupted' })
    expect(server.requests.at(-1)?.name).toBe('unlink')
    expect(clock.pending).toBe(0)
    expect(server.tree()).toEqual({})
  })

  it('gives up a server that no longer answers after 3 s', async () => {
    const server = faulty('write', 'hang')
    const { clock, interruption, line } = start(server)
    await settle()
    interruption.abort(new Error('SIGINT'))
    let isDone = false
    void line.then(() => (isDone = true))
    await clock.advanceAsync(seconds(3) - 1)
    expect(isDone).toBe(false)
    await clock.advanceAsync(1)
    const { outcome, detail } = await line
    expect(outcome).toBe('interrupted')
    expect(detail).toMatch(/^interrupted: .* The probe file in\/\.belay-probe-1\.part may still be on the server/)
    expect(clock.pending).toBe(0)
  })
})
