import type { Page } from 'playwright-core'
import { type ViewName, views } from '../../../inspector/src/place.ts'
import { faultsFound } from './page.ts'

/**
 * What is wrong with each view in a wide window and in one of 380 pixels, in light and dark: what axe finds serious, and what is wider than the window.
 * `prepare` opens and chooses what is to be looked at, too.
 */
export async function faultsInEveryLook(
  page: Page,
  url: string,
  prepare: (view: ViewName) => Promise<void> = () => Promise.resolve(),
): Promise<string[]> {
  const found: string[] = []
  for (const width of [1280, 380]) {
    await page.setViewportSize({ width, height: 800 })
    for (const view of views) {
      await page.emulateMedia({ colorScheme: 'light' })
      await page.goto(`${url}/#/${view}`)
      await page.getByRole('main').locator('section').first().waitFor()
      await prepare(view)
      const where = `${view}, ${width} px`
      found.push(...(await faultsFound(page)).map((fault) => `${where}, light: ${fault}`))
      // The same elements, of which only the colours are others (`light-dark()`).
      await page.emulateMedia({ colorScheme: 'dark' })
      found.push(...(await faultsFound(page, 'colours')).map((fault) => `${where}, dark: ${fault}`))
      const widest = (await page.evaluate('document.documentElement.scrollWidth')) as number
      if (widest > width) found.push(`${where}: is ${widest} px wide`)
    }
  }
  return found
}
