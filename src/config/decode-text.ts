/** Bytes that are no UTF-8, such as of a file that another system has written in its own encoding. */
export class NotUtf8Error extends Error {}

/** A file's text, without the byte order mark that some editors put before it. @throws {NotUtf8Error} */
export function decodeText(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (error) {
    throw new NotUtf8Error('not UTF-8', { cause: error })
  }
}
