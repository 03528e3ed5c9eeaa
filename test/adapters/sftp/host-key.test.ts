import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { generateEd25519Keys, parseKey } from '../../../src/adapters/sftp/ed25519-keys.ts'
import { fingerprint, hostKeyPolicy } from '../../../src/adapters/sftp/host-key.ts'

const newKey = () => {
  const text = generateEd25519Keys().public
  const [type = '', base64 = ''] = text.split(' ')
  return { text: `${type} ${base64}`, blob: parseKey(text).getPublicSSH() }
}
const ours = newKey()
const other = newKey()

const folder = mkdtempSync(join(tmpdir(), 'belay-host-key-'))
afterAll(() => rmSync(folder, { recursive: true }))

describe('a fingerprint', () => {
  it('is what ssh-keygen prints', () => {
    const file = join(folder, 'key.pub')
    writeFileSync(file, `${ours.text}\n`)
    const [, printed] = execFileSync('ssh-keygen', ['-lf', file], { encoding: 'utf8' }).split(' ')
    expect(fingerprint(ours.blob)).toBe(printed)
  })

  it('lets in the key it is of, and no other', () => {
    const policy = hostKeyPolicy({ fingerprints: [fingerprint(ours.blob)] }, 'files', 22)
    expect([policy.accepts(ours.blob), policy.accepts(other.blob)]).toEqual([true, false])
    expect(policy.expected).toBe(fingerprint(ours.blob))
  })

  it('may be one of several, padded or not', () => {
    const pins = [`${fingerprint(ours.blob)}=`, fingerprint(other.blob)]
    const policy = hostKeyPolicy({ fingerprints: pins }, 'files', 22)
    expect([policy.accepts(ours.blob), policy.accepts(other.blob)]).toEqual([true, true])
  })

  it('of nothing lets in nothing', () => {
    expect(hostKeyPolicy({ fingerprints: [] }, 'files', 22).accepts(ours.blob)).toBe(false)
  })
})

describe('a known_hosts file', () => {
  const accepts = (content: string, host = 'files.example.com', port = 22) =>
    hostKeyPolicy({ knownHosts: content }, host, port).accepts(ours.blob)

  it.each([
    { line: `files.example.com ${ours.text}`, accepted: true },
    { line: `FILES.example.com ${ours.text} a comment`, accepted: true },
    { line: `other,files.example.com ${ours.text}`, accepted: true },
    { line: `*.example.com ${ours.text}`, accepted: true },
    { line: `file?.example.com ${ours.text}`, accepted: true },
    { line: `*.example.com,!files.example.com ${ours.text}`, accepted: false },
    { line: `filesXexample.com ${ours.text}`, accepted: false },
    { line: `files.example.co ${ours.text}`, accepted: false },
    { line: `files.example.com ${other.text}`, accepted: false },
    { line: `[files.example.com]:2222 ${ours.text}`, accepted: false },
    { line: `# files.example.com ${ours.text}`, accepted: false },
    { line: `#files.example.com ${ours.text}`, accepted: false },
    { line: `@cert-authority files.example.com ${ours.text}`, accepted: false },
    { line: `files.example.com ${other.text}\n\nfiles.example.com ${ours.text}\n`, accepted: true },
    { line: `files.example.com ${ours.text}\n@revoked * ${ours.text}`, accepted: false },
    { line: `files.example.com ${ours.text}\n@revoked * ${other.text}`, accepted: true },
    { line: '', accepted: false },
  ])('decides $accepted: $line', ({ line, accepted }) => {
    expect(accepts(line)).toBe(accepted)
  })

  it('takes a dot for a dot', () => {
    expect(accepts(`files.example.com ${ours.text}`, 'filesXexample.com')).toBe(false)
  })

  it.each([
    { port: 22, accepted: false },
    { port: 2222, accepted: true },
    { port: 2223, accepted: false },
  ])('names a port other than 22 in brackets: $port', ({ port, accepted }) => {
    expect(accepts(`[files.example.com]:2222 ${ours.text}`, 'files.example.com', port)).toBe(accepted)
  })

  it('that ssh-keygen has hashed is understood', () => {
    const file = join(folder, 'known_hosts')
    writeFileSync(file, `files.example.com ${ours.text}\n[files.example.com]:2222 ${other.text}\n`)
    execFileSync('ssh-keygen', ['-H', '-f', file], { stdio: 'ignore' })
    const hashed = readFileSync(file, 'utf8')
    expect(hashed).not.toContain('files.example.com')
    expect(accepts(hashed)).toBe(true)
    expect(accepts(hashed, 'files.example.com', 2222)).toBe(false)
    expect(accepts(hashed, 'other.example.com')).toBe(false)
  })

  it('asks the server for a key of a type that it holds', () => {
    const content = 'files ssh-rsa AAAA\nfiles ecdsa-sha2-nistp256 AAAA\n'
    expect(hostKeyPolicy({ knownHosts: content }, 'files', 22).tries).toEqual([
      ['rsa-sha2-512', 'rsa-sha2-256', 'ecdsa-sha2-nistp256'],
    ])
  })

  it('says so if it doesn’t have the server', () => {
    expect(hostKeyPolicy({ knownHosts: '' }, 'files', 2222).expected).toBe(
      'one that known_hosts has for [files]:2222, which is none',
    )
  })
})
