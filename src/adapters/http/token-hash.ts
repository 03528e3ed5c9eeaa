import { createHmac, randomBytes, scrypt, timingSafeEqual } from 'node:crypto'

/**
 * A token is never kept. What is kept is a scrypt hash of its key, and the key is derived from the token: a browser's cookie
 * holds the key, so that it holds after a restart, is not the token, and cannot be made from the hash.
 */
export const keyOf = (token: string): string =>
  createHmac('sha256', token).update('belay page cookie v1').digest('base64url')

/** 256 bits: nobody guesses it, whatever the hash costs. */
export const makeToken = (): string => randomBytes(32).toString('base64url')

/** 2^14 rounds: 16 MiB and some 50 ms, once for each token and start. */
const defaultLogRounds = 14

/** The hash to put into the configuration, as other programs write scrypt's: `$scrypt$ln=14,r=8,p=1$SALT$HASH`. */
export async function hashToken(token: string, logRounds = defaultLogRounds): Promise<string> {
  const salt = randomBytes(16)
  const hash = await derive(keyOf(token), salt, logRounds)
  return `$scrypt$ln=${logRounds},r=8,p=1$${plain(salt)}$${plain(hash)}`
}

/** Whether the hash is that of the token with this key. The time it takes says nothing of how near it was. */
export async function isHashOf(hash: string, key: string): Promise<boolean> {
  const [, rounds, salt = '', wanted = ''] = /^\$scrypt\$ln=(\d+),r=8,p=1\$([^$]+)\$([^$]+)$/.exec(hash) ?? []
  if (rounds === undefined) throw new Error('A token’s hash is not one of scrypt: the configuration was not checked')
  const found = await derive(key, Buffer.from(salt, 'base64'), Number(rounds))
  return timingSafeEqual(found, Buffer.from(wanted, 'base64'))
}

const derive = (key: string, salt: Buffer, logRounds: number): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const N = 2 ** logRounds
    // On a thread of Node's pool: the event loop goes on.
    scrypt(key, salt, 32, { N, r: 8, p: 1, maxmem: 256 * N * 8 }, (error, hash) =>
      error === null ? resolve(hash) : reject(error),
    )
  })

const plain = (bytes: Buffer): string => bytes.toString('base64').replace(/=+$/, '')
