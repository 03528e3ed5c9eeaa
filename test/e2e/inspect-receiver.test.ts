import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { describe, expect, it } from 'vitest'
import { hashToken } from '../../src/adapters/http/token-hash.ts'
import { readRecording } from '../../src/inspection-feed/recording.ts'
import { browserAndSite } from './support/browser-and-site.ts'
import { startDaemon } from './support/daemon.ts'
import { rtspCamera } from './support/site.ts'
import { soonAgain } from './support/soon-again.ts'

const path = 'root/cameras/dock-1'
const operate = 'may-operate'

const given = browserAndSite()

/** The package's own receiver, with the XState 4 that it needs, as a page would have it. */
async function receiverBundle(): Promise<string> {
  const { outputFiles } = await build({
    stdin: {
      contents: `
        import { createWebSocketReceiver } from '@xstate/inspect'
        globalThis.heard = []
        globalThis.receiver = createWebSocketReceiver({ server: location.host + '/inspect' })
        receiver.subscribe(({ type, sessionId, state, event }) =>
          heard.push({ type, sessionId, value: state?.value, matches: state?.matches(state.value), said: event?.data }))`,
      resolveDir: fileURLToPath(new URL('../../inspector', import.meta.url)),
    },
    ...{ bundle: true, write: false, format: 'iife', platform: 'browser', logLevel: 'silent' },
    define: { 'process.env.NODE_ENV': '"production"' },
  })
  return outputFiles[0]?.text ?? ''
}

interface Heard {
  readonly type: string
  readonly sessionId: string
  readonly value: unknown
  readonly matches: boolean | undefined
  /** With an event. */
  readonly said?: { readonly type: string; readonly command?: string; readonly words?: string }
}

/** `{ online: { open: 'streaming' } }` → `online.open.streaming`. */
const pathOf = (value: unknown): string =>
  typeof value === 'object' && value !== null
    ? Object.entries(value)
        .map(([key, inner]) => `${key}.${pathOf(inner)}`)
        .join(' ')
    : String(value)

describe('the receiver of @xstate/inspect in a browser', () => {
  it('follows a camera through connecting, streaming, a loss, the wait, drain and stop, as the daemon tells it', async () => {
    const camera = await given.site.camera()
    // Until the receiver is there, the camera is not: so nothing of its way is missed.
    await camera.refuse(true)
    const recordings = join(given.site.folder, 'recordings')
    const daemon = startDaemon(await given.site.configure([rtspCamera('dock-1', camera.url)]), soonAgain(), [
      '--record',
      recordings,
    ])
    const inState = (wanted: string) =>
      daemon.until(`dock-1 is ${wanted}`, ({ actors }) =>
        actors.some((actor) => actor.path === path && actor.state === wanted),
      )
    await inState('backingOff')
    const page = await given.browser.newPage()
    await page.goto(`${daemon.url()}/healthz`)
    await page.evaluate(await receiverBundle())
    const heard = async () =>
      ((await page.evaluate('heard')) as Heard[]).filter(({ sessionId }) => sessionId === `${path}#1`)
    await expect.poll(async () => (await heard()).length, { timeout: 20_000 }).toBeGreaterThan(0)

    await camera.refuse(false)
    await inState('streaming')
    camera.drop()
    await inState('backingOff')
    await inState('streaming')
    daemon.signal('SIGTERM')
    expect((await daemon.exit).code).toBe(0)

    const events = await heard()
    const states = events.filter(({ type }) => type === 'service.register' || type === 'service.state')
    expect(states[0]?.type).toBe('service.register')
    expect(events.at(-1)?.type).toBe('service.stop')
    expect(states.every(({ matches }) => matches === true)).toBe(true)
    const said = events.filter(({ type }) => type === 'service.event').map(({ said }) => said?.type)
    expect(said).toEqual(expect.arrayContaining(['stream.began', 'xstate.error.actor.frameStream', 'drain']))

    // What the daemon says of the same camera, from the state in which the receiver came to know it.
    const [file = ''] = await readdir(recordings)
    const { records } = readRecording(await readFile(join(recordings, file), 'utf8'))
    const told = records.flatMap((record) =>
      record.type === 'state.entered' && record.path === path ? [record.nodes.join(' ')] : [],
    )
    const seen = states.map(({ value }) => pathOf(value))
    expect(seen.filter((state, index) => state !== seen[index - 1])).toEqual(told.slice(-seen.length))
    for (const wanted of ['online.connecting', 'online.open.streaming', 'backingOff', 'draining', 'stopped'])
      expect(seen).toContain(wanted)
    await page.close()
  })
})

describe('the receiver of @xstate/inspect in a browser that has shown the operating token', () => {
  it('pauses and resumes a camera, as configured, and is turned away with what is not', async () => {
    const camera = await given.site.camera()
    const http = `{ port: 0, operateTokenHash: '${await hashToken(operate, 10)}', inspectCommands: [camera.pause, camera.resume] }`
    const file = await given.site.configure([rtspCamera('dock-1', camera.url)], { http })
    const daemon = startDaemon(file, {}, [], operate)
    const inState = (wanted: string) =>
      daemon.until(`dock-1 is ${wanted}`, ({ actors }) =>
        actors.some((actor) => actor.path === path && actor.state === wanted),
      )
    await inState('streaming')
    const page = await given.browser.newPage()
    await page.goto(`${daemon.url()}/?token=${operate}`)
    await page.goto(`${daemon.url()}/healthz`)
    await page.evaluate(await receiverBundle())
    const heard = async () => (await page.evaluate('heard')) as Heard[]
    const said = async () => (await heard()).flatMap(({ said }) => (said?.command === undefined ? [] : [said]))
    await expect.poll(async () => (await heard()).length, { timeout: 20_000 }).toBeGreaterThan(0)
    const send = (name: string) =>
      page.evaluate(
        `receiver.send({ type: 'xstate.event', event: JSON.stringify({ name: '${name}', data: { type: '${name}' }, origin: '${path}#1' }) })`,
      )

    await send('camera.pause')
    await inState('paused')
    await expect
      .poll(said)
      .toEqual([
        { type: 'operator.done', command: 'camera.pause', words: 'Camera dock-1 is paused until it is resumed' },
      ])
    await send('camera.pause')
    await expect
      .poll(async () => (await said()).at(-1))
      .toEqual({
        ...{ type: 'operator.refused', command: 'camera.pause', words: 'Camera dock-1 is paused' },
      })
    await send('camera.resume')
    await inState('streaming')

    await send('camera.restart')
    const told = (fact: string) => daemon.log.filter((line) => line.fact === fact)
    await expect.poll(() => told('inspect command refused').length).toBe(1)
    expect(told('operator').map((line) => [line['command'], line['by']])).toEqual([
      ['camera.pause', '127.0.0.1, at /inspect'],
      ['camera.pause', '127.0.0.1, at /inspect'],
      ['camera.resume', '127.0.0.1, at /inspect'],
    ])
    daemon.signal('SIGTERM')
    expect((await daemon.exit).code).toBe(0)
    await page.close()
  })
})
