import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { type ConfigSection, configSections } from '../../scripts/make-config-schema.ts'
import { configOf } from './small-config.ts'

const text = readFileSync(new URL('../../config/example.yaml', import.meta.url), 'utf8')
const reader = { file: async () => 'hunter2\n', environment: { LINE_2_PASSWORD: 'hunter2' } }

/** The maps at a section's path: `[]` stands for each item, `NAME` for each key. */
function mapsAt(document: unknown, { path, variant }: ConfigSection): Record<string, unknown>[] {
  const steps = path === '' ? [] : path.replaceAll('[]', '.[]').split('.')
  const values = steps.reduce<unknown[]>(
    (found, step) =>
      found.flatMap((value) => {
        if (typeof value !== 'object' || value === null) return []
        if (step === '[]' || step === 'NAME') return Object.values(value) as unknown[]
        return step in value ? [(value as Record<string, unknown>)[step]] : []
      }),
    [document],
  )
  const maps = values.filter((value): value is Record<string, unknown> => typeof value === 'object' && value !== null)
  const [key = '', kind] = variant?.split(': ') ?? []
  return kind === undefined ? maps : maps.filter((map) => map[key] === kind)
}

const keysOf = configSections().flatMap((section) =>
  section.keys.map((key) => ({
    key,
    section,
    name: [section.path, section.variant, key.name].filter(Boolean).join(' '),
  })),
)

describe('the example configuration', () => {
  it('is right', async () => {
    expect((await configOf(text, reader)).cameras.map(({ id, source }) => [id, source.type])).toEqual([
      ['dock-1', 'rtsp'],
      ['archive', 'file'],
      ['line-2', 'http'],
      ['bench', 'device'],
      ['belt', 'synthetic'],
    ])
  })

  it.each(keysOf.filter(({ key }) => key.default !== undefined))('shows $name with its default', ({ key, section }) => {
    const values = mapsAt(parse(text), section).map((map) => map[key.name])
    expect(values).toContainEqual(key.default)
  })

  it.each(keysOf.filter(({ key }) => key.default === undefined))(
    'shows $name, or names it in a comment',
    ({ key, section }) => {
      const maps = mapsAt(parse(text), section)
      const commented = new RegExp(`^ +# ${key.name}: `, 'm').test(text)
      expect(maps.some((map) => key.name in map) || commented).toBe(true)
    },
  )

  it('is right as well with each of its commented keys in force', async () => {
    const lines = text.split('\n')
    const commented = lines.flatMap((line, index) => {
      const [, indent = '', key, rest = ''] = /^( +)# (\w+):(.*)$/.exec(line) ?? []
      return key === undefined ? [] : [{ index, key, instead: `${indent}${key}:${rest}` }]
    })
    expect(commented.map(({ key }) => key)).toEqual([
      'passwordEnv',
      'passwordFile',
      'size',
      'rate',
      'format',
      'passphraseEnv',
      'passwordFile',
      'passwordEnv',
      'agent',
      'knownHosts',
      'viewTokenHash',
      'operateTokenHash',
    ])
    const variables = ['DOCK_1_PASSWORD', 'BELAY_SFTP_PASSPHRASE', 'BELAY_SFTP_PASSWORD']
    const environment = Object.fromEntries([...variables, 'LINE_2_PASSWORD'].map((name) => [name, 'hunter2']))
    for (const { index, instead } of commented) {
      // A key that excludes the one in the line above takes its place.
      const exclusive = /^ +(passwordFile|passwordEnv|passphraseFile|fingerprint):/.test(lines[index - 1] ?? '')
      const changed = lines.toSpliced(exclusive ? index - 1 : index, exclusive ? 2 : 1, instead).join('\n')
      await expect(configOf(changed, { ...reader, environment }), instead).resolves.toBeDefined()
    }
  })
})
