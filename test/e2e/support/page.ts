import { createRequire } from 'node:module'
import type { Browser, Page } from 'playwright-core'

const axe = createRequire(import.meta.url)('axe-core') as { readonly source: string }

/** A page of which every complaint is kept. */
export async function openPage(browser: Browser, url: string) {
  const page = await browser.newPage()
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('console', (message) => void (message.type() === 'error' && complaints.push(message.text())))
  await page.goto(url)
  const show = (name: string) => page.getByRole('navigation').getByRole('link', { name, exact: true }).click()
  return { page, complaints, show }
}

/** As somebody drops a file on the page. As a text: it runs in the browser, whose types these files don't have. */
export const dropFile = (page: Page, name: string, text: string): Promise<void> =>
  page.evaluate(`{
    const data = new DataTransfer()
    data.items.add(new File([${JSON.stringify(text)}], ${JSON.stringify(name)}))
    dispatchEvent(new DragEvent('drop', { dataTransfer: data, cancelable: true }))
  }`)

/** What is serious or worse for who uses a keyboard or a screen reader; `colours`: of what they alone can spoil. */
export async function faultsFound(page: Page, rules: 'all' | 'colours' = 'all'): Promise<string[]> {
  await page.evaluate(axe.source)
  return page.evaluate(
    async (runOnly) => {
      interface Axe {
        run(options: object): Promise<{ violations: { impact: string; id: string; nodes: { html: string }[] }[] }>
      }
      const { violations } = await (globalThis as unknown as { axe: Axe }).axe.run({
        resultTypes: ['violations'],
        ...(runOnly && { runOnly }),
      })
      return violations
        .filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)
    },
    rules === 'colours' && { type: 'rule', values: ['color-contrast', 'link-in-text-block'] },
  )
}
