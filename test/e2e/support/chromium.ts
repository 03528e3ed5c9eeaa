import { chromium, type Browser } from 'playwright-core'
import { findProgram } from '../../../src/commands/demo/find-program.ts'

/** The machine's own Chromium, headless, that asks nobody for anything but the page. */
export async function launchChromium(): Promise<Browser> {
  const executablePath = await findProgram('chromium', process.env['PATH'])
  if (executablePath === undefined) throw new Error('No chromium is on the PATH')
  return chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
}
