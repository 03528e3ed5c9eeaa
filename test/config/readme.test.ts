import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { configOf, secretsOf } from './small-config.ts'

const text = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
const blocks = (part: string, language: string) =>
  [...part.matchAll(/^```(\w+)\n(.*?)^```/gms)].flatMap(([, named, code]) => (named === language ? [code ?? ''] : []))

describe('the configuration in the README', () => {
  it('is right', async () => {
    const [yaml = ''] = blocks(text, 'yaml')
    const secrets = secretsOf({ '/etc/belay/dock-1.password': 'hunter2\n', '/etc/belay/id_ed25519': 'a key\n' })
    const { cameras, models, sftp } = await configOf(yaml, secrets)
    expect(
      cameras.map(({ id, source, detect, classify }) => [id, source.type, detect?.model, classify?.model]),
    ).toEqual([
      ['dock-1', 'rtsp', 'scratches', undefined],
      ['belt-2', 'device', 'scratches', 'belt-state'],
    ])
    expect(models.map(({ file }) => file)).toEqual(['/etc/belay/scratches.onnx', '/etc/belay/belt-state.onnx'])
    expect(sftp.folder).toBe('results')
  })
})

describe('getting started by the README', () => {
  it('takes two commands and no other', () => {
    const [, section = ''] = /^## Get started\n(.*?)^## /ms.exec(text) ?? []
    expect(blocks(section, 'sh')).toEqual(['npm ci && npm start\n', 'npm ci && npm test\n'])
  })
})
