import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { hashToken } from '../../src/adapters/http/token-hash.ts'
import { lastingPort } from '../support/lasting-port.ts'
import { browserAndSite } from './support/browser-and-site.ts'
import { startDaemon } from './support/daemon.ts'
import { openPage } from './support/page.ts'
import { losslessBelt } from './support/site.ts'

const token = 'nobody-else-has-this-token'
const given = browserAndSite()

/** What is answered to these lines, up to the end; where there is none, as of a feed, so many pieces of it. */
async function say(port: number, lines: readonly string[], pieces = Infinity): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  let answer = ''
  let heard = 0
  socket.on('data', (data) => {
    answer += data.toString('latin1')
    if (++heard === pieces) socket.destroy()
  })
  socket.on('error', () => {})
  socket.write(`${lines.join('\r\n')}\r\n\r\n`)
  await once(socket, 'close')
  return answer
}

/** A feed goes on for ever; at `/inspect` nothing more is said until it is asked for. */
const piecesOf = (status: number, line = ''): number => (status !== 101 ? Infinity : line.includes('/feed') ? 5 : 1)

describe('a token that was shown in an address', () => {
  it('is in no log, recording, file, answer or error, whatever it was asked with', async () => {
    const { site, browser } = given
    const recordings = join(site.folder, 'recordings')
    const http = `{ port: 0, operateTokenHash: '${await hashToken(token, 10)}', inspectCommands: [camera.pause] }`
    const file = await site.configure([losslessBelt('belt-1')], { http, log: '{ format: json, level: debug }' })
    const daemon = startDaemon(file, {}, ['--record', recordings], token)
    await daemon.until('files are delivered', ({ uploader }) => uploader.files.delivered > 0)
    const port = Number(new URL(daemon.url()).port)

    const { page, complaints } = await openPage(browser, `${daemon.url()}/?token=${token}`)
    await page.getByRole('article', { name: 'belt-1' }).getByText('streaming', { exact: true }).waitFor()
    expect(page.url()).not.toContain(token)
    expect(complaints).toEqual([])

    const host = `host: 127.0.0.1:${port}`
    const closing = [host, 'connection: close']
    const upgrade = [host, 'connection: upgrade', 'upgrade: websocket', 'sec-websocket-version: 13']
    const key = 'sec-websocket-key: MDEyMzQ1Njc4OWFiY2RlZg=='
    const asked: readonly (readonly [status: number, ...lines: string[]])[] = [
      [303, `GET /?token=${token} HTTP/1.1`, ...closing],
      [303, `GET /api/state?token=${token} HTTP/1.1`, ...closing],
      [303, `GET /no-such-page?token=${token} HTTP/1.1`, ...closing],
      [401, `GET /?token=${token}-but-wrong HTTP/1.1`, ...closing],
      [405, `POST /api/stop?token=${token} HTTP/1.1`, ...closing, 'content-length: 0'],
      [405, `DELETE /?token=${token} HTTP/1.1`, ...closing],
      [400, `GET /?token=${token} HTTP/9.9`, ...closing],
      [400, `GET /?token=${token}%ff%zz HTTP/1.1`, ...closing, 'content-length: -1'],
      [400, `GET /%zz?token=${token} HTTP/1.1`, ...closing],
      [431, `GET /?token=${token}&${'x'.repeat(20_000)} HTTP/1.1`, ...closing],
      [101, `GET /feed?token=${token} HTTP/1.1`, ...upgrade, key],
      [101, `GET /inspect?token=${token} HTTP/1.1`, ...upgrade, key],
      [401, `GET /inspect?token=${token}-but-wrong HTTP/1.1`, ...upgrade, key],
      [403, `GET /inspect?token=${token} HTTP/1.1`, ...upgrade, key, 'origin: http://evil.example'],
      [404, `GET /elsewhere?token=${token} HTTP/1.1`, ...upgrade, key],
      [400, `GET /inspect?token=${token} HTTP/1.1`, ...upgrade, 'sec-websocket-key: none'],
    ]
    const answers: string[] = []
    for (const [status, ...lines] of asked) answers.push(await say(port, lines, piecesOf(status, lines[0])))
    const outcome = (status: unknown, line = '') => `${String(status)} to ${line.slice(0, 80)}`
    expect(answers.map((answer, index) => outcome(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1], asked[index]?.[1]))).toEqual(
      asked.map(([status, line]) => outcome(status, line)),
    )
    expect(answers.filter((answer) => answer.includes(token))).toEqual([])

    const recorded = await fetch(`${daemon.url()}/api/recording`, { headers: { authorization: `Bearer ${token}` } })
    expect(await recorded.text()).not.toContain(token)
    const metrics = await fetch(`${daemon.url()}/metrics`, { headers: { authorization: `Bearer ${token}` } })
    expect(await metrics.text()).not.toContain(token)
    daemon.signal('SIGTERM')
    expect((await daemon.exit).code).toBe(0)
    expect(JSON.stringify(daemon.log) + daemon.stderr).not.toContain(token)
    // The recording, the manifest and its log, rows, and what stands on the server.
    const entries = await readdir(site.folder, { recursive: true, withFileTypes: true })
    const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
    expect(files.some((path) => path.startsWith(recordings))).toBe(true)
    for (const path of files) expect((await readFile(path)).includes(token), path).toBe(false)
    await page.close()
  })
})

describe('a page that is open when its token is changed', () => {
  it('says so and asks nothing more, and keeps nobody at its address out', async () => {
    const { site, browser } = given
    const port = await lastingPort()
    const configured = async (accepted: string) =>
      site.configure([losslessBelt('belt-1')], {
        http: `{ port: ${port}, viewTokenHash: '${await hashToken(accepted, 10)}' }`,
      })
    const before = startDaemon(await configured(token), {}, [], token)
    await before.until('frames are inspected', ({ cameras }) => (cameras[0]?.frames.inspected ?? 0) > 0)
    const page = await browser.newPage()
    await page.clock.install()
    await page.goto(`${before.url()}/?token=${token}`)
    await page.getByText(/^frame \d/).waitFor()
    before.signal('SIGTERM')
    await before.exit

    const after = startDaemon(await configured('another-token'), {}, [], 'another-token')
    await after.until('it looks at tokens', ({ phase }) => phase === 'running')
    await page
      .getByRole('status')
      .getByText(/the token is not accepted/)
      .waitFor()
    const asked: string[] = []
    page.on('request', (request) => asked.push(request.url()))
    page.on('websocket', (socket) => asked.push(socket.url()))
    await page.clock.fastForward('01:00')
    await page.clock.fastForward('01:00')
    // What was asked for by then has been told.
    await page.evaluate("fetch('/healthz')")
    expect(asked).toEqual([`${after.url()}/healthz`])

    expect((await fetch(`${after.url()}/?token=another-token`, { redirect: 'manual' })).status).toBe(303)
    after.signal('SIGTERM')
    expect((await after.exit).code).toBe(0)
    await page.close()
  })
})
