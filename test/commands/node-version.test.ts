import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { nodeTooOld } from '../../src/commands/node-version.ts'

describe('a Node', () => {
  it.each(['20.19.0', '20.20.2', '21.0.0', '24.1.0', '20.19.0-pre'])('of version %s will do', (found) => {
    expect(nodeTooOld(found)).toBeUndefined()
  })

  it.each(['20.18.3', '18.20.8', '12.22.9'])('of version %s is too old', (found) => {
    expect(nodeTooOld(found)).toBe(
      `Belay needs Node 20.19 or later, found ${found}: README.md, “Install”, says where to have it from`,
    )
  })

  it('is held to what package.json says', () => {
    const { engines } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
      engines: { node: string }
    }
    expect(engines.node).toBe('>=20.19')
  })
})
