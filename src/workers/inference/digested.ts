import { createHash } from 'node:crypto'
import { open, stat } from 'node:fs/promises'
import { ModelRefusedError } from '../../domain/inference-errors.ts'
import type { ModelToLoad } from '../../domain/model.ts'
import { externalFilesOf } from './external-files.ts'

/**
 * What `load` makes of a model, and the digest of the files of which it did: those that are configured, and those in which these keep weights.
 *
 * @throws {ModelRefusedError} they were changed meanwhile.
 */
export async function digested<T>(spec: ModelToLoad, load: () => Promise<T>): Promise<{ result: T; digest: string }> {
  const { name, file, dictionary, detector } = spec
  const own = [file, dictionary, detector].filter((each) => each !== undefined)
  const first = await stampsOf(own)
  const files = [...own, ...besides([file, detector])]
  const before = await stampsOf(files)
  // A file that cannot be read is for `load` to tell of, which knows more.
  const digest = await digestOf(files).catch(() => undefined)
  const result = await load()
  const after = await stampsOf(files)
  if (digest === undefined || before === undefined || before !== after || first !== (await stampsOf(own))) {
    const detail = 'its file was changed while it was loaded. Copy a model beside it, and rename the copy to its name'
    throw new ModelRefusedError(name, file, detail)
  }
  return { result, digest }
}

/** Where models keep weights outside of themselves. */
function besides(models: readonly (string | undefined)[]): string[] {
  try {
    return models.flatMap((model) => (model === undefined ? [] : externalFilesOf(model)))
  } catch {
    // Likewise.
    return []
  }
}

/** Changes whenever one of the files does; `undefined` while one is missing. */
async function stampsOf(files: readonly string[]): Promise<string | undefined> {
  try {
    const found = await Promise.all(files.map((file) => stat(file, { bigint: true })))
    return found.map(({ dev, ino, size, mtimeNs, ctimeNs }) => [dev, ino, size, mtimeNs, ctimeNs].join(' ')).join('\n')
  } catch {
    return undefined
  }
}

async function digestOf(files: readonly string[]): Promise<string> {
  const whole = createHash('sha256')
  // A model may be as large as what memory there is; and what a thread has once had of it for pieces, it keeps.
  const piece = new Uint8Array(65_536)
  for (const name of files) whole.update(await digestOfOne(name, piece))
  return whole.digest('hex')
}

async function digestOfOne(name: string, piece: Uint8Array): Promise<Uint8Array> {
  const digest = createHash('sha256')
  const file = await open(name)
  try {
    for (;;) {
      const { bytesRead } = await file.read(piece, 0, piece.length, null)
      if (bytesRead === 0) return digest.digest()
      digest.update(piece.subarray(0, bytesRead))
    }
  } finally {
    await file.close()
  }
}
