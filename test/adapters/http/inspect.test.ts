import { createRequire } from 'node:module'
import { describe, expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { createActor, fromPromise } from 'xstate'
import { hashToken } from '../../../src/adapters/http/token-hash.ts'
import { StreamLostError } from '../../../src/domain/camera-errors.ts'
import { cameraId } from '../../../src/domain/ids.ts'
import { seconds } from '../../../src/domain/units.ts'
import { createTap } from '../../../src/inspection-feed/tap.ts'
import { cameraMachine, type StreamBegan, type StreamJudged } from '../../../src/machines/camera-machine.ts'
import { createSupervisor, run } from '../../../src/supervision/index.ts'
import { scriptedEvents } from '../../fakes/scripted-events.ts'
import { settle, VirtualClock } from '../../fakes/virtual-clock.ts'
import { eventually } from '../../support/eventually.ts'
import { recordedBridge, startSite } from './http-site.ts'

/** What is used of @xstate/inspect 0.8, which the inspector's workspace has with an XState 4 of its own. */
interface Receiver {
  subscribe(next: (event: ReceiverEvent) => void): { unsubscribe(): void }
}
interface ReceiverEvent {
  readonly type: string
  readonly sessionId: string
  readonly parent?: string
  readonly machine?: {
    readonly id: string
    getStateNodeById(id: string): { readonly on: object; readonly type: string }
  }
  readonly state?: {
    readonly value: unknown
    readonly context: unknown
    readonly done: boolean
    readonly tags: Set<string>
  }
  readonly event?: { readonly name: string; readonly data: object; readonly $$type: string }
}
interface InspectPackage {
  readonly createWebSocketReceiver: (options: { server: string }) => Receiver
}

const require = createRequire(new URL('../../../inspector/package.json', import.meta.url))
const { createWebSocketReceiver } = require('@xstate/inspect') as InspectPackage
const dock = cameraId('dock-1')

/** One camera under a supervisor, and a server that shows it. */
async function startCamera() {
  const clock = new VirtualClock()
  const stream = scriptedEvents<StreamBegan, string>()
  const { bridge, record } = recordedBridge(clock)
  const tap = createTap({
    clock,
    onFault: (error) => {
      throw error
    },
    onRecord: record,
    onMachine: (machine) => bridge.learn(machine),
  })
  const camera = cameraMachine.provide({
    actors: {
      frameStream: stream.logic,
      frameWatch: scriptedEvents<StreamJudged, never, { rate: number | undefined }>().logic,
      streamReleased: fromPromise(() => Promise.resolve()),
    },
    delays: { reconnectDelay: () => seconds(5) },
  })
  const root = createActor(
    createSupervisor({
      clock,
      onReport: tap.supervisorReport,
      children: [
        {
          id: 'dock-1',
          start: () =>
            run(camera, {
              cameraId: dock,
              connectTimeout: seconds(15),
              lastFault: () => undefined,
              noPictureAdvice: 'Look',
            }),
        },
      ],
    }),
    { id: 'root', clock, inspect: tap.inspect },
  )
  root.start()
  await settle()
  const site = await startSite({ inspect: bridge })
  return { clock, stream, root, bridge, record, site }
}

/** The package's own receiver, and what it has understood. */
function attach(port: number) {
  // The package expects a browser's.
  globalThis.WebSocket = WebSocket as unknown as typeof globalThis.WebSocket
  const receiver = createWebSocketReceiver({ server: `127.0.0.1:${port}/inspect` })
  const events: ReceiverEvent[] = []
  let arrived = (): void => {}
  const subscription = receiver.subscribe((event) => {
    events.push(event)
    arrived()
  })
  onTestFinished(() => subscription.unsubscribe())
  const until = async (found: (event: ReceiverEvent) => boolean): Promise<ReceiverEvent> => {
    for (;;) {
      const event = events.find(found)
      if (event !== undefined) return event
      await new Promise<void>((resolve) => (arrived = resolve))
    }
  }
  return { events, until }
}

const brief = ({ type, state, event }: ReceiverEvent): string =>
  type === 'service.event'
    ? `event ${event?.name}`
    : type === 'service.stop'
      ? 'stop'
      : `${type.slice('service.'.length)} ${JSON.stringify(state?.value)}, ${JSON.stringify(state?.context)}`

describe('a receiver of @xstate/inspect', () => {
  it('follows a camera from its connection to its end, and sees what the daemon says', async () => {
    const { clock, stream, root, site } = await startCamera()
    const { events, until } = attach(site.port)
    await until(({ type }) => type === 'service.register')
    await stream.tell({ type: 'stream.began', rate: 25 })
    await stream.fail(new StreamLostError(dock, 'ended'))
    await clock.advanceAsync(5_000)
    root.send({ type: 'drain' })
    await settle()
    const last = await until(({ type }) => type === 'service.stop')
    expect(last.sessionId).toBe('root/dock-1#1')
    expect(events.map(brief)).toEqual([
      'register {"online":"connecting"}, {"why":"started"}',
      'event stream.began',
      'state {"online":{"open":"streaming"}}, {"why":"pictures arrive"}',
      'event xstate.error.actor.frameStream',
      `state "backingOff", ${JSON.stringify({ why: new StreamLostError(dock, 'ended').message })}`,
      'event xstate.after.reconnectDelay.camera.backingOff',
      `state {"online":"connecting"}, ${JSON.stringify({ why: new StreamLostError(dock, 'ended').message })}`,
      'event drain',
      'state "draining", {"why":"asked to drain"}',
      'event xstate.done.actor.0.camera.draining',
      'state "stopped", {"why":"asked to drain"}',
      'stop',
    ])
  })

  it('has the whole statechart, as a machine of its own XState', async () => {
    const { site } = await startCamera()
    const { machine, state } = await attach(site.port).until(({ type }) => type === 'service.register')
    expect(machine?.id).toBe('camera')
    expect(Object.keys(machine?.getStateNodeById('camera.online.connecting').on ?? {})).toEqual([
      'stream.began',
      'xstate.after.connectTimeout.camera.online.connecting',
    ])
    expect(machine?.getStateNodeById('camera.stopped').type).toBe('final')
    expect({ done: state?.done, tags: state?.tags }).toEqual({ done: false, tags: new Set() })
  })

  it('that comes late is told where the camera is now', async () => {
    const { stream, site } = await startCamera()
    await stream.tell({ type: 'stream.began', rate: 25 })
    const { state } = await attach(site.port).until(({ type }) => type === 'service.register')
    expect(state?.value).toEqual({ online: { open: 'streaming' } })
    expect(state?.tags).toEqual(new Set())
  })
})

describe('a client of /inspect', () => {
  const inspecting = JSON.stringify({ type: 'xstate.inspecting' })

  it('is told nothing before it asks, and then in the package’s words', async () => {
    const { site, stream } = await startCamera()
    const client = site.connect('/inspect')
    await client.opened
    await stream.tell({ type: 'stream.began', rate: 25 })
    expect(client.messages).toEqual([])
    client.socket.send(inspecting)
    expect(await client.until(1)).toMatchObject([
      {
        type: 'service.register',
        id: 'root/dock-1',
        sessionId: 'root/dock-1#1',
        machine: expect.any(String) as string,
      },
    ])
  })

  it.each([
    { what: 'a command', text: JSON.stringify({ type: 'xstate.event', event: '{"name":"drain"}' }), code: 1008 },
    { what: 'a list', text: '[]', code: 1008 },
    { what: 'another word', text: JSON.stringify({ type: 'hello' }), code: 1008 },
    { what: 'no JSON', text: 'hello', code: 1008 },
    { what: 'nothing', text: 'null', code: 1008 },
    { what: 'too much', text: 'x'.repeat(5_000), code: 1009 },
  ])('that says $what is sent away, and nothing is done', async ({ text, code }) => {
    const { site, root } = await startCamera()
    const client = site.connect('/inspect')
    await client.opened
    client.socket.send(inspecting)
    await client.until(1)
    client.socket.send(text)
    expect(await client.closed).toBe(code)
    expect(root.getSnapshot().value).toBe('running')
  })

  it('from another site, without a token or one too many is turned away', async () => {
    const { bridge } = await startCamera()
    const guarded = await startSite({ inspect: bridge, tokens: { view: await hashToken('correct-horse', 10) } })
    expect(await guarded.connect('/inspect').refused).toBe(401)
    const open = await startSite({ inspect: bridge, limits: { inspectClients: 1 } })
    expect(await open.connect('/inspect', { origin: 'http://evil.example' }).refused).toBe(403)
    await open.connect('/inspect').opened
    expect(await open.connect('/inspect').closed).toBe(1013)
  })

  it('that is slow loses its place, and then is told what has ended, and every machine is registered anew', async () => {
    const { bridge, record } = await startCamera()
    const site = await startSite({ inspect: bridge, limits: { feedBacklog: 100_000 } })
    const client = site.connect('/inspect')
    await client.opened
    client.socket.send(inspecting)
    await client.until(1)
    client.socket.pause()
    const nudge = (epoch: number) =>
      record(
        { path: 'root/dock-1', epoch },
        { type: 'event.received', source: null, event: 'nudge', detail: { why: 'x'.repeat(400) } },
      )
    // More than the kernel's buffers and the backlog take; the later half must not be kept.
    for (let each = 0; each < 40_000; each++) nudge(1)
    record({ path: 'root/dock-1', epoch: 1 }, { type: 'actor.ended', how: 'failed', why: 'a bug' })
    record({ path: 'root/dock-1', epoch: 2 }, { type: 'actor.started', kind: 'machine', machine: 'camera' })
    const first = { from: null, to: 'connecting', nodes: ['online.connecting'], event: 'xstate.init', why: null }
    record({ path: 'root/dock-1', epoch: 2 }, { type: 'state.entered', ...first })
    client.socket.resume()
    const registered = () => client.messages.filter(({ type }) => String(type) === 'service.register').length
    while (registered() < 2) {
      await new Promise((resolve) => setImmediate(resolve))
      nudge(2)
    }
    expect(client.messages.length).toBeLessThan(40_000)
    const lives = (client.messages as unknown as { type: string; sessionId: string }[])
      .filter(({ type }) => type !== 'service.event')
      .map(({ type, sessionId }) => [type, sessionId])
    expect(lives).toEqual([
      ['service.register', 'root/dock-1#1'],
      ['service.stop', 'root/dock-1#1'],
      ['service.register', 'root/dock-1#2'],
    ])
  })

  it('that was slow is where everything is when it answers next, though nothing happens any more', async () => {
    const { bridge, record } = await startCamera()
    const site = await startSite({ inspect: bridge, limits: { feedBacklog: 100_000, pingEveryMs: 500 } })
    const client = site.connect('/inspect')
    await client.opened
    client.socket.send(inspecting)
    await client.until(1)
    client.socket.pause()
    const detail = { why: 'x'.repeat(400) }
    for (let each = 0; each < 40_000; each++)
      record({ path: 'root/dock-1', epoch: 1 }, { type: 'event.received', source: null, event: 'nudge', detail })
    client.socket.resume()
    await eventually('it is registered anew', () =>
      client.messages.filter(({ type }) => String(type) === 'service.register').length === 2 ? true : undefined,
    )
    expect(client.messages.length).toBeLessThan(40_000)
  })

  it('is said good-bye when the server closes', async () => {
    const { site } = await startCamera()
    const client = site.connect('/inspect')
    await client.opened
    await site.server.close()
    expect(await client.closed).toBe(1001)
  })
})
