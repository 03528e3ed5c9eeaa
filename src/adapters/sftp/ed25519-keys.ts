import ssh2 from 'ssh2'

/** OpenSSH text. */
export interface KeyPair {
  readonly private: string
  readonly public: string
}

/** A new pair that was read back and has signed something: of the pairs that ssh2 makes about 1 in 500 can't be. */
export function generateEd25519Keys(): KeyPair {
  for (;;) {
    const pair = ssh2.utils.generateKeyPairSync('ed25519')
    if (isUsable(pair)) return pair
  }
}

function isUsable(pair: KeyPair): boolean {
  const [secret, known] = [ssh2.utils.parseKey(pair.private), ssh2.utils.parseKey(pair.public)]
  if (secret instanceof Error || known instanceof Error) return false
  const signature = secret.sign('belay')
  return !(signature instanceof Error) && known.verify('belay', signature) === true
}

/** @throws {Error} the text is no key. */
export function parseKey(text: string): ssh2.ParsedKey {
  const key = ssh2.utils.parseKey(text)
  if (key instanceof Error) throw key
  return key
}
