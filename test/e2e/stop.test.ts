import { createServer, type AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { hashToken } from '../../src/adapters/http/token-hash.ts'
import { eventually } from '../support/eventually.ts'
import { type Exit, isAlive, killLeftovers, type RunningDaemon, startDaemon } from './support/daemon.ts'
import { slowOnWhite } from '../support/slow-model.ts'
import { writeModel } from '../workers/inference/support.ts'
import { accountOf, fileAccountOf } from './support/log.ts'
import { builtinModels, createSite, losslessBelt, rtspCamera, type Site } from './support/site.ts'

let site: Site
beforeEach(async () => {
  site = await createSite()
})
afterEach(async () => {
  killLeftovers()
  await site.tearDown()
})

const clean: Exit = { code: 0, signal: null }

/** Resolves with how it ended, and fails if one of its processes is still there. */
async function end(daemon: RunningDaemon): Promise<Exit> {
  const children = await daemon.children()
  daemon.signal('SIGTERM')
  const exit = await daemon.exit
  expect(await Promise.all(children.map(isAlive))).toEqual(children.map(() => false))
  return exit
}

const logged = (daemon: RunningDaemon, actor: string, state: string) =>
  eventually(`${actor} is ${state}`, () =>
    daemon.log.some((line) => line.fact === 'state' && line.actor === actor && String(line['state']).endsWith(state))
      ? true
      : undefined,
  )

describe('SIGTERM', () => {
  it('ends a daemon whose camera is connecting', async () => {
    // Accepts connections and never says a word.
    const mute = createServer(() => undefined)
    await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve))
    const { port } = mute.address() as AddressInfo
    const daemon = startDaemon(await site.configure([rtspCamera('dock-1', `rtsp://127.0.0.1:${port}/stream`)]))
    await logged(daemon, 'root/cameras/dock-1', 'connecting')
    await eventually('its ffmpeg runs', async () => ((await daemon.children()).length > 0 ? true : undefined))
    expect(await end(daemon)).toEqual(clean)
    mute.close()
  })

  it('ends a daemon whose camera is backing off', async () => {
    const daemon = startDaemon(await site.configure([rtspCamera('dock-1', 'rtsp://127.0.0.1:9/stream')]))
    await logged(daemon, 'root/cameras/dock-1', 'backingOff')
    expect(await end(daemon)).toEqual(clean)
  })

  // What it says reaches nobody before the log is open, and the other slots start sooner than they are heard of: a stop while each
  // of them starts is in `test/slots/early-stop.test.ts`.
  it.each(['root/manifest', 'root/inference'])('ends a daemon that has just begun to start %s', async (slot) => {
    const daemon = startDaemon(await site.configure([losslessBelt('belt-1')]))
    await eventually(`${slot} starts`, () =>
      daemon.log.some(({ fact, actor, decision }) => fact === 'supervisor' && actor === slot && decision === 'start')
        ? true
        : undefined,
    )
    expect(await end(daemon)).toEqual(clean)
  })

  it('twice cuts a drain short that would take long, and says what was cut off', async () => {
    const daemon = startDaemon(
      await site.configure([losslessBelt('belt-1')], { stop: '{ uploader: 50s, afterSecondSignal: 1s }' }),
    )
    await daemon.until('files are delivered', ({ uploader }) => uploader.files.delivered > 0)
    // A server that hears and does not answer: the drain waits for what is in flight.
    const sessions = await site.sshd.sessions()
    expect(sessions).not.toEqual([])
    for (const pid of sessions) process.kill(pid, 'SIGSTOP')
    try {
      await daemon.until('a file is in flight', ({ uploader }) => uploader.files.sending > 0)
      daemon.signal('SIGTERM')
      await logged(daemon, 'root/uploader', 'draining')
      daemon.signal('SIGTERM')
      expect(await daemon.exit).toEqual({ code: 75, signal: null })
      expect(daemon.log.some(({ actor, decision }) => actor === 'root/uploader' && decision === 'cut_off')).toBe(true)
    } finally {
      for (const pid of sessions) process.kill(pid, 'SIGCONT')
    }
  })
})

describe('an operator who stops it', () => {
  const token = 'may-operate'
  const http = async () => `{ port: 0, operateTokenHash: '${await hashToken(token, 10)}' }`
  const askToStop = async (daemon: RunningDaemon) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    const body = JSON.stringify({ confirm: 'stop' })
    expect((await fetch(`${daemon.url()}/api/stop`, { method: 'POST', headers, body })).status).toBe(200)
  }

  it('while the server hangs has it end with a code that systemd does not start it again after', async () => {
    const daemon = startDaemon(
      await site.configure([losslessBelt('belt-1')], { http: await http(), stop: '{ uploader: 1s }' }),
      {},
      [],
      token,
    )
    await daemon.until('files are delivered', ({ uploader }) => uploader.files.delivered > 0)
    const sessions = await site.sshd.sessions()
    expect(sessions).not.toEqual([])
    for (const pid of sessions) process.kill(pid, 'SIGSTOP')
    try {
      await daemon.until('a file is in flight', ({ uploader }) => uploader.files.sending > 0)
      await askToStop(daemon)
      expect(await daemon.exit).toEqual({ code: 79, signal: null })
      expect(daemon.log.at(-1)).toMatchObject({
        fact: 'ended',
        words: expect.stringMatching(/^Cut off: uploader\./) as string,
      })
    } finally {
      for (const pid of sessions) process.kill(pid, 'SIGCONT')
    }
  })

  it('while a thread infers and infers has it end by SIGTERM, which is an end in order to systemd', async () => {
    const model = await writeModel(slowOnWhite({ side: 6000, rounds: 60 }))
    const endless =
      '{ id: belt-2, source: { type: synthetic, seed: 5, rate: 5 }, picture: 64x64, classify: { model: slow } }'
    const daemon = startDaemon(
      await site.configure([endless], {
        ...{ http: await http(), inference: '{ workers: 1, deadline: 60s }', stop: '{ inference: 1s }' },
        models: `{ ${builtinModels}, slow: { kind: classify, file: ${model}, labels: [a, b, c] } }`,
      }),
      {},
      [],
      token,
    )
    await daemon.until('the thread is busy', ({ inference }) => inference.workers.busy === 1)
    await askToStop(daemon)
    expect(await daemon.exit).toEqual({ code: null, signal: 'SIGTERM' })
    expect(daemon.log.at(-1)).toMatchObject({ fact: 'ended', code: 143 })
  })
})

describe('inference whose every worker hangs', () => {
  it('drains everything else, delivers what was accepted, and kills its own process', async () => {
    const model = await writeModel(slowOnWhite({ side: 6000, rounds: 60 }))
    const hanging =
      '{ id: belt-2, source: { type: synthetic, seed: 5, rate: 5 }, picture: 64x64, classify: { model: slow } }'
    const file = await site.configure([losslessBelt('belt-1'), hanging], {
      inference: '{ workers: 1, deadline: 3s, wedgedLimit: 1 }',
      models: `{ ${builtinModels}, slow: { kind: classify, file: ${model}, labels: [a, b, c] } }`,
    })
    const daemon = startDaemon(file)
    expect(await daemon.exit).toEqual({ code: null, signal: 'SIGKILL' })
    expect(daemon.log.at(-1)).toMatchObject({ fact: 'ended', code: 137 })
    const { frames } = accountOf(daemon.log, 'root/cameras/belt-2')
    expect(frames.failed.timeout).toBe(1)
    expect(frames.inFlight).toBe(0)
    const { files, rows } = fileAccountOf(daemon.log)
    expect(files).toMatchObject({ pending: 0, sending: 0 })
    expect((await site.deliveredRows()).length).toBe(rows.delivered)
  })

  it('ends also as the first process of a container, which takes no signal from itself', async () => {
    const model = await writeModel(slowOnWhite({ side: 6000, rounds: 60 }))
    const hanging =
      '{ id: belt-2, source: { type: synthetic, seed: 5, rate: 5 }, picture: 64x64, classify: { model: slow } }'
    const file = await site.configure([hanging], {
      inference: '{ workers: 1, deadline: 3s, wedgedLimit: 1 }',
      models: `{ ${builtinModels}, slow: { kind: classify, file: ${model}, labels: [a, b, c] } }`,
    })
    const container = ['prlimit', '--core=0', 'unshare', '--map-root-user', '--pid', '--fork', '--mount-proc']
    const daemon = startDaemon(file, {}, [], undefined, container)
    const { code, signal } = await daemon.exit
    expect(daemon.log.at(-1)).toMatchObject({ fact: 'ended', code: 137 })
    expect([code, signal]).not.toEqual([0, null])
  })
})

describe('a configuration with mistakes', () => {
  it('is refused whole, with every mistake, and nothing is started', async () => {
    const file = await site.configure(['{ id: Dock 1, source: { type: rtps, url: x }, detect: { model: particels } }'])
    const daemon = startDaemon(file)
    expect(await daemon.exit).toEqual({ code: 78, signal: null })
    expect(daemon.log).toEqual([])
    expect(daemon.stderr.split('\n').filter((line) => line.startsWith(`${file}:`)).length).toBeGreaterThanOrEqual(2)
  })
})

describe('a model that does not fit', () => {
  it('is refused at the start with the reason, and everything that had started is stopped', async () => {
    const camera = '{ id: belt-1, source: { type: synthetic, seed: 5, rate: 5 }, detect: { model: wrong } }'
    const models = `{ ${builtinModels}, wrong: { kind: detect, file: 'builtin:belt-state' } }`
    const file = await site.configure([camera], { models })
    const daemon = startDaemon(file)
    expect(await daemon.exit).toEqual({ code: 78, signal: null })
    expect(JSON.stringify(daemon.log.at(-1))).toMatch(/Could not start: Model wrong .* is refused: /)
  })
})
