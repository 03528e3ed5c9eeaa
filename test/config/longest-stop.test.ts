import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { longestStop } from '../../src/config/longest-stop.ts'
import { configOf, smallConfig } from './small-config.ts'

it('is told of by docs/operations.md, with what comes after the budget', async () => {
  const page = await readFile(new URL('../../docs/operations.md', import.meta.url), 'utf8')
  const { stop } = await configOf(smallConfig)
  const after = (longestStop(stop) - Math.max(stop.budget, stop.hardCap)) / 1000
  expect(page).toContain(`for what is let go of after that (${after} s, more where \`stop.others\` is more than 5 s)`)
})
