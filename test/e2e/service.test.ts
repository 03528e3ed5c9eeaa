import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startNotifyRecorder, type NotifyRecorder } from '../support/notify-recorder.ts'
import { eventually } from '../support/eventually.ts'
import { killLeftovers, startDaemon } from './support/daemon.ts'
import { createSite, losslessBelt, type Site } from './support/site.ts'

let site: Site
let recorder: NotifyRecorder
beforeEach(async () => {
  site = await createSite()
  recorder = await startNotifyRecorder()
})
afterEach(async () => {
  killLeftovers()
  await recorder.close()
  await site.tearDown()
})

const heard = (word: string, times = 1) =>
  eventually(
    () => `${word}, ${times} times; systemd has heard ${JSON.stringify(recorder.words)}`,
    async () => (recorder.words.filter((each) => each === word).length >= times ? true : undefined),
    60,
  )
/** The unit's WatchdogSec. */
const patienceMs = 3_000
const meals = () => recorder.words.filter((word) => word === 'WATCHDOG=1').length

const blockLoop = new URL('./support/block-loop.mjs', import.meta.url).href

describe('the daemon under systemd whose main event loop is blocked while its threads go on', () => {
  it('starves its watchdog, and feeds it again afterwards', async () => {
    const config = await site.configure([losslessBelt('belt')])
    const daemon = startDaemon(config, {
      ...{ NOTIFY_SOCKET: recorder.socket, WATCHDOG_USEC: String(patienceMs * 1000) },
      NODE_OPTIONS: `--import=${blockLoop}`,
    })
    await daemon.until('a camera streams', ({ actors }) =>
      actors.some(({ path, state }) => path === 'root/cameras/belt' && state === 'streaming'),
    )
    await heard('WATCHDOG=1', meals() + 1)
    const dots = daemon.stderr.length
    daemon.signal('SIGUSR2')
    await eventually('systemd would have ended us', () => recorder.starvedForMs > patienceMs || undefined)
    // Of its threads, one has spoken all the time.
    expect(daemon.stderr.length - dots).toBeGreaterThan(20)
    const eaten = meals()
    await heard('WATCHDOG=1', eaten + 1)
    const said = await eventually(
      () => `the log says that it stood still; it ends with ${JSON.stringify(daemon.log.slice(-5))}`,
      async () => daemon.log.find(({ stalledMs }) => typeof stalledMs === 'number' && stalledMs > patienceMs),
    )
    expect(said).toMatchObject({ actor: 'root', fact: 'the event loop stood still' })
    daemon.signal('SIGTERM')
    expect(await daemon.exit, JSON.stringify(daemon.log.slice(-20))).toEqual({ code: 0, signal: null })
  })
})

describe('the daemon under systemd', () => {
  it('says that it is ready, feeds the watchdog while its heart beats and not while it stands still, and says that it stops', async () => {
    const config = await site.configure([losslessBelt('belt')])
    const daemon = startDaemon(config, { NOTIFY_SOCKET: recorder.socket, WATCHDOG_USEC: String(patienceMs * 1000) })
    await heard('READY=1')
    await daemon.until('a camera streams', ({ actors }) =>
      actors.some(({ path, state }) => path === 'root/cameras/belt' && state === 'streaming'),
    )
    await heard('WATCHDOG=1', 3)
    daemon.signal('SIGSTOP')
    const stoodStillAt = performance.now()
    await eventually('systemd would have ended us', () => recorder.starvedForMs > patienceMs || undefined)
    const eaten = meals()
    daemon.signal('SIGCONT')
    const stoodStill = performance.now() - stoodStillAt
    await heard('WATCHDOG=1', eaten + 1)
    const said = await eventually(
      () => `the log says that it stood still; it ends with ${JSON.stringify(daemon.log.slice(-5))}`,
      async () => daemon.log.find(({ fact }) => fact === 'the event loop stood still'),
    )
    expect(said['stalledMs']).toBeGreaterThan(1_500)
    expect(said['stalledMs']).toBeLessThan(stoodStill + 1_000)
    expect(said['cause']).toMatch(/^the process was stopped, or /)
    daemon.signal('SIGTERM')
    await heard('STOPPING=1')
    expect(await daemon.exit, JSON.stringify(daemon.log.slice(-20))).toEqual({ code: 0, signal: null })
    expect(recorder.words.filter((word) => word === 'READY=1')).toHaveLength(1)
    expect(recorder.words.some((word) => word.startsWith('STATUS=1 of 1 camera streaming, '))).toBe(true)
  })
})
