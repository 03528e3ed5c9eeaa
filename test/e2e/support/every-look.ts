import type { Page } from 'playwright-core'
import { type ViewName, views } from '../../../inspector/src/place.ts'
import { faultsFound } from './page.ts'

/**
 * What is wrong with each view in light and dark, in a wide window and in one of 380 pixels: what axe finds serious, and what is wider than the window.
 * `prepare` opens and chooses what is to be looked at, too.
 */
export async function faultsInEveryLook(
  page: Page,
  url: string,
  prepare: (view: ViewName) => Promise<void> = () => Promise.resolve(),
): Promise<string[]> {
  const found: string[] = []
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    for (const width of [1280, 380]) {
      await page.setViewportSize({ width, height: 800 })
      for (const view of views) {
        await page.goto(`${url}/#/${view}`)
        await page.getByRole('main').locator('section').first().waitFor()
        await prepare(view)
        const where = `${view}, ${colorScheme}, ${width} px`
        found.push(...(await faultsFound(page)).map((fault) => `${where}: ${fault}`))
        const widest = (await page.evaluate('document.documentElement.scrollWidth')) as number
        if (widest > width) found.push(`${where}: is ${widest} px wide`)
      }
    }
  }
  return found
}
