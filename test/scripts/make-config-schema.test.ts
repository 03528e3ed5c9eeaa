import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { configSections, makeConfigReference, makeConfigSchema } from '../../scripts/make-config-schema.ts'

const committed = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')

describe('what is made from the configuration’s schema', () => {
  it('is committed as it is made now (else run: node --import tsx scripts/make-config-schema.ts)', () => {
    expect(committed('config/belay.schema.json')).toBe(makeConfigSchema())
    expect(committed('docs/configuration.md')).toBe(makeConfigReference())
  })

  it('describes every key', () => {
    const silent = configSections().flatMap(({ path, keys }) =>
      keys.filter(({ description }) => description === '').map(({ name }) => `${path}.${name}`),
    )
    expect(silent).toEqual([])
  })

  it('names every section, outer before inner', () => {
    expect(configSections().map(({ path, variant }) => [path, variant].filter(Boolean).join(' '))).toEqual([
      '',
      'cameras[]',
      'cameras[].source type: file',
      'cameras[].source type: rtsp',
      'cameras[].source type: http',
      'cameras[].source type: device',
      'cameras[].source type: synthetic',
      'cameras[].crop',
      'cameras[].detect',
      'cameras[].classify',
      'cameras[].read',
      'models.NAME kind: detect',
      'models.NAME kind: classify',
      'models.NAME kind: read',
      'inference',
      'csv',
      'csv.rotation',
      'csv.pack',
      'disk',
      'backups',
      'sftp',
      'sftp.hostKey',
      'http',
      'log',
      'process',
      'stop',
    ])
  })
})
