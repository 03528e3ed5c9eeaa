import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'
import { launchChromium } from './chromium.ts'
import { killLeftovers } from './daemon.ts'
import { createSite, type Site } from './site.ts'

/** For the tests of a file: one browser for all of them, and for each a factory of its own, of which nothing is left. */
export function browserAndSite(): { readonly browser: Browser; readonly site: Site } {
  let browser: Browser | undefined
  let site: Site | undefined
  beforeAll(async () => {
    browser = await launchChromium()
  })
  afterAll(() => browser?.close())
  beforeEach(async () => {
    site = await createSite()
  })
  afterEach(async () => {
    killLeftovers()
    await site?.tearDown()
    site = undefined
  })
  const there = <Thing>(thing: Thing | undefined): Thing => {
    if (thing === undefined) throw new Error('Only a test has a browser and a site')
    return thing
  }
  return {
    get browser() {
      return there(browser)
    },
    get site() {
      return there(site)
    },
  }
}
