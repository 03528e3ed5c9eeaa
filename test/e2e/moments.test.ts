import { describe, expect, it } from 'vitest'
import { browserAndSite } from './support/browser-and-site.ts'
import { startDaemon } from './support/daemon.ts'
import { openPage } from './support/page.ts'
import { losslessBelt } from './support/site.ts'

const given = browserAndSite()

describe('a moment of the past', () => {
  it('has the phase and the uptime of then in the header, and ends with the daemon whose moment it is', async () => {
    const first = startDaemon(await given.site.configure([losslessBelt('belt-1')]))
    await first.until(
      'it has run for a while',
      ({ phase, at, startedAt }) => phase === 'running' && at - startedAt > 5e3,
    )
    const { page, complaints } = await openPage(given.browser, first.url())
    const header = page.locator('.page-header')
    await header.getByText('running', { exact: true }).waitFor()
    await page.getByRole('slider', { name: 'Moment that is shown' }).focus()
    await page.keyboard.press('Home')
    const past = page.getByText('This is a moment of the past')
    await past.waitFor()
    await header.getByText('was starting', { exact: true }).waitFor()
    expect(await header.locator('dd').first().innerText()).toBe('0 s')

    first.signal('SIGTERM')
    await first.exit
    await page
      .getByRole('status')
      .getByText(/does not answer/)
      .first()
      .waitFor()
    expect(await past.count()).toBe(1)
    const { port } = new URL(first.url())
    const second = startDaemon(await given.site.configure([losslessBelt('belt-1')], { http: `{ port: ${port} }` }))
    await header.getByText('running', { exact: true }).waitFor()
    expect(await past.count()).toBe(0)
    await page.getByRole('button', { name: 'Pause' }).waitFor()
    // A browser says of itself that nobody answered.
    expect(complaints.filter((complaint) => !/ERR_CONNECTION_REFUSED|WebSocket connection/.test(complaint))).toEqual([])
    second.signal('SIGTERM')
    expect(await second.exit).toEqual({ code: 0, signal: null })
  })
})
