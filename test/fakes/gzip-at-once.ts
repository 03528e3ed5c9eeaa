import { Transform } from 'node:stream'
import { gzipSync } from 'node:zlib'

/** Compresses on this thread, once it has been given the last of it: no thread answers when it likes. */
export function gzipAtOnce(): Transform {
  const parts: Uint8Array[] = []
  return new Transform({
    transform(part: Uint8Array, _encoding, done) {
      parts.push(part)
      done()
    },
    flush(done) {
      done(null, gzipSync(Buffer.concat(parts)))
    },
  })
}
