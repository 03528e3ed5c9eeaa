import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { type LoadedConfig, loadConfig } from '../../src/config/load-config.ts'
import { secretsOf, smallConfig } from './small-config.ts'

const full = `data: d
cameras:
  - &first
    id: dock-1
    source: { type: http, url: 'http://h/v.mp4', username: u, passwordFile: /p, loop: true }
    fps: 5
    detect: { model: particles, scoreThreshold: 0.5 }
  - { <<: *first, id: dock-2, picture: 640x640 }
models:
  particles: { kind: detect, file: 'builtin:belt-particles', labels: [dent] }
csv: { rotation: { bytes: 10MB } }
sftp: { host: h, username: u, passwordEnv: SFTP_PASSWORD, hostKey: { knownHosts: /k } }
`
const reader = secretsOf({ '/p': 'tops3cret', '/k': 'h ssh-ed25519 AAAA' }, { SFTP_PASSWORD: 'tops3cret' })

/** A configuration, or mistakes that each stand somewhere in the text and show no secret. */
function expectAnswer(loaded: LoadedConfig, text: string): void {
  if (loaded.ok) return
  expect(loaded.mistakes.length).toBeGreaterThan(0)
  const lines = text.split('\n')
  for (const mistake of loaded.mistakes) {
    expect(mistake.file).toBe('belay.yaml')
    expect(mistake.line).toBeGreaterThanOrEqual(1)
    expect(mistake.line).toBeLessThanOrEqual(lines.length)
    expect(mistake.column).toBeGreaterThanOrEqual(1)
    expect(mistake.column).toBeLessThanOrEqual((lines[mistake.line - 1] ?? '').length + 1)
    expect(mistake.expected).not.toBe('')
    expect(mistake.found).not.toBe('')
  }
  expect(JSON.stringify(loaded.mistakes)).not.toContain('tops3cret')
}

const texts = [smallConfig, full]

describe('whatever is done to the text of a configuration', { timeout: 60_000 }, () => {
  it('begins from texts that are right', async () => {
    for (const text of texts) expect((await loadConfig(text, 'belay.yaml', reader)).ok).toBe(true)
  })

  it('is answered by a configuration or by located mistakes when pieces are cut out and put in', async () => {
    const piece = fc.oneof(
      fc.constantFrom('{', '}', '[', ']', ':', '- ', '&a ', '*a', '*first', '<<: ', '!t ', '"', "'", '|\n', '\n', '\t'),
      fc.constantFrom(
        '---\n',
        '%YAML 1.1\n---\n',
        '#',
        '? ',
        '~',
        '.inf',
        '0x10',
        '__proto__',
        'constructor: 1\n',
        '@',
        '\0',
      ),
      fc.string({ unit: 'binary', maxLength: 5 }),
    )
    const edit = fc.record({ at: fc.nat(500), cut: fc.nat(20), piece })
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...texts),
        fc.array(edit, { minLength: 1, maxLength: 4 }),
        async (text, edits) => {
          const edited = edits.reduce(
            (current, { at, cut, piece }) => current.slice(0, at) + piece + current.slice(at + cut),
            text,
          )
          expectAnswer(await loadConfig(edited, 'belay.yaml', reader), edited)
        },
      ),
      { numRuns: 300 },
    )
  })

  it('is answered likewise when the document is anything at all', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.jsonValue({ maxDepth: 3 }),
        fc.constantFrom('cameras', 'models', 'sftp', 'http', ''),
        async (value, key) => {
          const edited = stringify(key === '' ? value : { [key]: value })
          expectAnswer(await loadConfig(edited, 'belay.yaml', reader), edited)
        },
      ),
      { numRuns: 150 },
    )
  })
})

describe('a text made to exhaust its reader', () => {
  const level = (name: string, inner: string) => `${name}: &${name} [${Array(9).fill(inner).join(', ')}]\n`

  it.each([
    ['brackets inside brackets', '['.repeat(5000), 'expected a few levels, found too many inside one another'],
    [
      'references that multiply',
      level('a', 'x') + level('b', '*a') + level('c', '*b') + level('d', '*c') + level('e', '*d') + level('f', '*e'),
      'expected at most 20000 values, and 32 levels, found more',
    ],
    [
      'merges that multiply',
      `a: &a {x: 1}\n${Array.from({ length: 40 }, (_, n) => `n${n}: &n${n} {<<: *${n === 0 ? 'a' : `n${n - 1}`}, k: {<<: *${n === 0 ? 'a' : `n${n - 1}`}}}\n`).join('')}`,
      'expected at most 20000 values, and 32 levels, found more',
    ],
    [
      'more levels than anybody writes',
      `a: ${'['.repeat(32)}${']'.repeat(32)}`,
      'expected at most 20000 values, and 32 levels, found more',
    ],
    ['a megabyte', '#'.repeat(1_000_001), 'expected at most 1000000 characters, found 1000001 characters'],
  ])('is refused: %s', async (_, text, words) => {
    const loaded = await loadConfig(text, 'belay.yaml', reader)
    const mistakes = loaded.ok ? [] : loaded.mistakes
    expect(mistakes.map(({ expected, found }) => `expected ${expected}, found ${found}`)[0]).toBe(words)
  })
})
