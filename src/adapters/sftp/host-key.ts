import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

/** Which host keys are the right server's. `knownHosts` is the content of an OpenSSH known_hosts file. */
export type HostKeyPin = { readonly fingerprints: readonly string[] } | { readonly knownHosts: string } | 'accept-any'

/** What one connection is to be held to. */
export interface HostKeyPolicy {
  accepts(key: Buffer): boolean
  /** For people, when the key is not accepted. */
  readonly expected: string
  /** Host key algorithms to ask for, in several tries; the last try is the last word. */
  readonly tries: readonly (readonly string[])[]
}

const families: Readonly<Record<string, readonly string[]>> = {
  'ssh-ed25519': ['ssh-ed25519'],
  'ecdsa-sha2-nistp256': ['ecdsa-sha2-nistp256'],
  'ecdsa-sha2-nistp384': ['ecdsa-sha2-nistp384'],
  'ecdsa-sha2-nistp521': ['ecdsa-sha2-nistp521'],
  'ssh-rsa': ['rsa-sha2-512', 'rsa-sha2-256'],
}
const everyAlgorithm = Object.values(families).flat()
const ecdsaAndRsa = everyAlgorithm.filter((name) => name !== 'ssh-ed25519')

/** `SHA256:…` without padding, as OpenSSH prints it. */
export const fingerprint = (key: Buffer): string =>
  `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`

/** What a server's key must be. */
export function hostKeyPolicy(pin: HostKeyPin, host: string, port: number): HostKeyPolicy {
  if (pin === 'accept-any') return { accepts: () => true, expected: 'any', tries: [everyAlgorithm] }
  if ('fingerprints' in pin) {
    const pinned = new Set(pin.fingerprints.map((text) => text.trim().replace(/=+$/, '')))
    return {
      accepts: (key) => pinned.has(fingerprint(key)),
      expected: [...pinned].join(' or '),
      // A fingerprint doesn't say of which type its key is, and a server shows one key of those it has: ask for the others too.
      tries: [everyAlgorithm, ecdsaAndRsa, families['ssh-rsa'] ?? []],
    }
  }
  const lines = knownHostsLines(pin.knownHosts).filter(({ hosts }) => matchesHost(hosts, host, port))
  const revoked = lines.filter(({ marker }) => marker === '@revoked')
  const trusted = lines.filter(({ marker }) => marker === undefined)
  const isIn = (known: KnownHost[], key: Buffer) => known.some((line) => line.key.equals(key))
  const known = [...new Set(trusted.flatMap(({ type }) => families[type] ?? []))]
  return {
    accepts: (key) => isIn(trusted, key) && !isIn(revoked, key),
    expected:
      trusted.length === 0
        ? `one that known_hosts has for ${knownHostsName(host, port)}, which is none`
        : trusted.map(({ key }) => fingerprint(key)).join(' or '),
    // As OpenSSH does: of the server's keys, ask for one that we know.
    tries: [known.length === 0 ? everyAlgorithm : known],
  }
}

interface KnownHost {
  readonly marker: string | undefined
  readonly hosts: readonly string[]
  readonly type: string
  readonly key: Buffer
}

function knownHostsLines(text: string): KnownHost[] {
  return text.split('\n').flatMap((line): KnownHost[] => {
    const fields = line.trim().split(/\s+/)
    const marker = fields[0]?.startsWith('@') ? fields.shift() : undefined
    const [hosts, type, key] = fields
    if (hosts === undefined || hosts.startsWith('#') || type === undefined || key === undefined) return []
    return [{ marker, hosts: hosts.split(','), type, key: Buffer.from(key, 'base64') }]
  })
}

const knownHostsName = (host: string, port: number): string => (port === 22 ? host : `[${host}]:${port}`)

/** One negated pattern that matches rules the line out, as sshd(8) has it. */
function matchesHost(patterns: readonly string[], host: string, port: number): boolean {
  const name = knownHostsName(host.toLowerCase(), port)
  const matches = (pattern: string) =>
    pattern.startsWith('|1|') ? matchesHash(pattern, name) : glob(pattern).test(name)
  const negated = patterns.filter((pattern) => pattern.startsWith('!')).map((pattern) => pattern.slice(1))
  return !negated.some(matches) && patterns.filter((pattern) => !pattern.startsWith('!')).some(matches)
}

/** `|1|SALT|HASH`: HMAC-SHA1 of the name with the salt as its key. */
function matchesHash(pattern: string, name: string): boolean {
  const [, , salt = '', hash = ''] = pattern.split('|')
  const expected = Buffer.from(hash, 'base64')
  const found = createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest()
  return expected.length === found.length && timingSafeEqual(expected, found)
}

const glob = (pattern: string): RegExp =>
  new RegExp(
    `^${pattern
      .toLowerCase()
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
  )
