import { createRequire } from 'node:module'
import { describe, expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { hashToken, keyOf } from '../../../src/adapters/http/token-hash.ts'
import { type CommandType, commandTypes } from '../../../src/domain/command-type.ts'
import { cameraMachine } from '../../../src/machines/camera-machine.ts'
import type { Log, LogFields } from '../../../src/ports/log.ts'
import { VirtualClock } from '../../fakes/virtual-clock.ts'
import { recordedBridge, startSite } from './http-site.ts'

interface ReceiverEvent {
  readonly type: string
  readonly sessionId: string
  readonly event?: { readonly name: string; readonly data: object }
}
interface InspectPackage {
  readonly createWebSocketReceiver: (options: { server: string }) => {
    send(event: object): void
    subscribe(next: (event: ReceiverEvent) => void): { unsubscribe(): void }
  }
}
const require = createRequire(new URL('../../../inspector/package.json', import.meta.url))
const { createWebSocketReceiver } = require('@xstate/inspect') as InspectPackage

const [view, operate] = ['may-look', 'may-operate']
const tokens = { view: await hashToken(view, 10), operate: await hashToken(operate, 10) }
const session = 'root/cameras/dock-1#2'

/** A server that knows of a camera in its second life, and takes these commands of receivers. */
async function startWith(inspectCommands: readonly CommandType[]) {
  const { bridge, record: say } = recordedBridge(new VirtualClock())
  bridge.learn(cameraMachine)
  const about = { path: 'root/cameras/dock-1', epoch: 2 }
  say(about, { type: 'actor.started', kind: 'machine', machine: 'camera' })
  const entered = { type: 'state.entered', from: null, event: 'xstate.init', why: null } as const
  say(about, { ...entered, to: 'connecting', nodes: ['online.connecting'] })
  const warned: LogFields[] = []
  const log: Log = {
    debug() {},
    always() {},
    info() {},
    warn: (_fact, fields) => void warned.push(fields ?? {}),
    error() {},
    at: () => log,
  }
  return { ...(await startSite({ inspect: bridge, tokens, inspectCommands, log })), warned }
}

/** As XState 4's `toSCXMLEvent` makes it, whose origin is the session that it is for. */
const command = (name: string, origin: unknown = session, more: object = {}) => ({
  type: 'xstate.event',
  event: JSON.stringify({ name, data: { type: name, ...more }, $$type: 'scxml', type: 'external', origin }),
})

/** A client that has shown the operating token, and whose first message was told. */
async function connectTo({ connect }: Awaited<ReturnType<typeof startWith>>, token = operate) {
  const client = connect('/inspect', { authorization: `Bearer ${token}` })
  const told = new Promise<string>((resolve) =>
    client.socket.on('close', (_code, reason: Buffer) => resolve(reason.toString())),
  )
  await client.opened
  return { ...client, told }
}

describe('a command of a receiver of @xstate/inspect', () => {
  it.each([
    ['camera.pause', session, {}, { cameraId: 'dock-1' }],
    ['camera.resume', session, {}, { cameraId: 'dock-1' }],
    ['camera.restart', session, {}, { cameraId: 'dock-1' }],
    ['daemon.stop', 'root', {}, {}],
  ])(
    '%s, configured and with the operating token in the address, is carried out',
    async (name, origin, more, asked) => {
      const site = await startWith(commandTypes)
      globalThis.WebSocket = WebSocket as unknown as typeof globalThis.WebSocket
      const receiver = createWebSocketReceiver({ server: `127.0.0.1:${site.port}/inspect?token=${operate}` })
      const answer = new Promise<ReceiverEvent>((resolve) => {
        const subscription = receiver.subscribe((event) => {
          if (event.type === 'service.register') receiver.send(command(name, origin, more))
          if (event.type === 'service.event') resolve(event)
        })
        onTestFinished(() => subscription.unsubscribe())
      })
      const { sessionId, event } = await answer
      expect(site.shown.commands).toEqual([{ type: name, ...asked, by: '127.0.0.1, at /inspect' }])
      expect({ sessionId, name: event?.name, data: event?.data }).toEqual({
        sessionId: origin,
        name: 'operator.done',
        data: { type: 'operator.done', command: name, words: 'It is done' },
      })
    },
  )

  it('may have its session beside the event, as the package’s types say, and be given with the page’s cookie', async () => {
    const site = await startWith(['camera.pause'])
    const client = site.connect('/inspect', { cookie: `belay-key-${site.port}=${keyOf(operate)}`, origin: site.url })
    await client.opened
    client.socket.send(JSON.stringify({ ...command('camera.pause', undefined), service: session }))
    expect(await client.until(1)).toMatchObject([{ type: 'service.event', sessionId: session }])
    expect(site.shown.commands).toMatchObject([{ type: 'camera.pause' }])
  })

  it('that its camera cannot follow is answered with why, and the receiver goes on', async () => {
    const site = await startWith(['camera.resume'])
    site.shown.answer = { done: false, cause: 'refused', words: 'Camera dock-1 is streaming' }
    const client = await connectTo(site)
    client.socket.send(JSON.stringify(command('camera.resume')))
    const [answer] = (await client.until(1)) as unknown as { event: string }[]
    expect(JSON.parse(answer?.event ?? '')).toMatchObject({
      name: 'operator.refused',
      data: { command: 'camera.resume', words: 'Camera dock-1 is streaming' },
    })
    client.socket.send(JSON.stringify(command('camera.resume')))
    await client.until(2)
  })
})

describe('a command of a receiver that is turned away', () => {
  it.each([
    [
      'while none is configured',
      [],
      operate,
      command('camera.pause'),
      'commands are off: http.inspectCommands names none',
    ],
    ['with the token for looking', commandTypes, view, command('camera.pause'), 'commands need the operating token'],
    [
      'that is not on the list',
      ['camera.pause'],
      operate,
      command('camera.restart'),
      'camera.restart is not among http.inspectCommands',
    ],
    [
      'that is a machine’s own event',
      commandTypes,
      operate,
      command('drain'),
      'drain is none of the operator’s commands',
    ],
    [
      'that has an unspeakable name',
      commandTypes,
      operate,
      command('\u001b[2J'),
      'an event of that name is none of the operator’s commands',
    ],
    [
      'to an earlier life',
      commandTypes,
      operate,
      command('camera.pause', 'root/cameras/dock-1#1'),
      'camera.pause has to name the present life of an actor',
    ],
    [
      'to nobody',
      commandTypes,
      operate,
      command('camera.pause', 7),
      'camera.pause has to name the present life of an actor',
    ],
    ['to the wrong actor', commandTypes, operate, command('daemon.stop'), 'daemon.stop is not for that actor'],
    ['whose event is no text', commandTypes, operate, { type: 'xstate.event', event: {} }, 'the event cannot be read'],
    ['whose event is no JSON', commandTypes, operate, { type: 'xstate.event', event: '{' }, 'the event cannot be read'],
    ['without a name', commandTypes, operate, { type: 'xstate.event', event: '{}' }, 'the event cannot be read'],
    ['with null', commandTypes, operate, { type: 'xstate.event', event: 'null' }, 'the event cannot be read'],
  ] as const)(
    '%s is told why, which stands in the log, and nothing is done',
    async (_what, allowed, token, sent, why) => {
      const site = await startWith(allowed)
      const client = await connectTo(site, token)
      client.socket.send(JSON.stringify(sent))
      expect(await client.told).toBe(why)
      expect(await client.closed).toBe(1008)
      expect(site.warned).toEqual([{ by: '127.0.0.1', why }])
      expect(site.shown.commands).toEqual([])
    },
  )

  it('is too long to be read', async () => {
    const site = await startWith(commandTypes)
    const client = await connectTo(site)
    client.socket.send(JSON.stringify({ ...command('camera.pause'), more: 'x'.repeat(4_096) }))
    expect(await client.closed).toBe(1009)
    expect(site.shown.commands).toEqual([])
  })

  it('comes without a token, or with a wrong one in the address: it is not even heard', async () => {
    const { connect } = await startWith(commandTypes)
    expect(await connect('/inspect').refused).toBe(401)
    expect(await connect('/inspect?token=wrong').refused).toBe(401)
  })

  it('comes from a page of another site, whatever token it has', async () => {
    const { connect } = await startWith(commandTypes)
    expect(await connect(`/inspect?token=${operate}`, { origin: 'http://evil.example' }).refused).toBe(403)
  })

  it('comes while another is carried out', async () => {
    const site = await startWith(commandTypes)
    const client = await connectTo(site)
    client.socket.send(JSON.stringify(command('camera.pause')))
    client.socket.send(JSON.stringify(command('camera.resume')))
    expect(await client.told).toBe('one command at a time')
    expect(site.shown.commands).toMatchObject([{ type: 'camera.pause' }])
  })
})
