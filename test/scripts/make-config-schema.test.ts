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

  it.each([
    [
      '',
      'models',
      'map; each key a name of letters, digits and (not the first) dots, dashes and underscores, at most 64',
    ],
    ['', 'cameras', 'list of maps, 1 or more'],
    ['cameras[]', 'id', 'id of lower case letters, digits and dashes (not the first), at most 32, such as `dock-1`'],
    ['cameras[]', 'picture', '`auto`, size in pixels such as `640x480`, 16 to 8192 a side', 'auto'],
    ['cameras[]', 'stallAfter', '`auto`, duration from 100ms to 24h', 'auto'],
    ['cameras[]', 'every', 'integer 1 to 10000', 1],
    ['models.NAME', 'labels', '`from-model`, list of text, 1 to 10000', 'from-model'],
    ['models.NAME', 'input', '`from-model`, size in pixels such as `640x480`, 16 to 8192 a side', 'from-model'],
    ['inference', 'providers', 'list of `tensorrt`, `cuda`, `webgpu`, `cpu`', ['cpu']],
    ['csv.rotation', 'bytes', 'size from 1000B to 1000GB', '10MB'],
    ['sftp', 'keepFor', '`forever`, duration from 1s to 3650d', 'forever'],
    ['sftp', 'passwordEnv', 'name of an environment variable in upper case, such as `BELAY_PASSWORD`'],
    [
      'sftp.hostKey',
      'fingerprint',
      'fingerprint as ssh-keygen -l prints it, SHA256: and 43 characters, or a list of such',
    ],
    ['http', 'inspectCommands', expect.stringMatching(/^list of `camera/) as string, []],
    ['process', 'memory', '`auto`, size from 100MB to 1000GB', 'auto'],
  ])('states what may stand at %s.%s, and its default', (path, name, values, fallback?: unknown) => {
    const keys = configSections().find((section) => section.path === path)?.keys
    expect(keys?.find((key) => key.name === name)).toMatchObject({ values, default: fallback })
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
