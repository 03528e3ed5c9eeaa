import { createHash } from 'node:crypto'
import { baseName } from '../../delivery/remote-names.ts'
import { counted } from '../../domain/counted.ts'
import { DiskError } from '../../domain/disk-error.ts'
import { parseCsvFileName } from '../../domain/file-name.ts'
import type { SealedFile } from '../../domain/sealed-file.ts'
import type { Disk } from '../../ports/disk.ts'
import { readChunks } from '../../storage/read-file.ts'
import { WholeRows } from '../../storage/whole-rows.ts'

/** What is here of a sealed file; `words` go on from its path. */
export interface Look {
  readonly kind: 'same' | 'gone' | 'other' | 'unread'
  readonly words: string
}

export async function lookAtFile({ path, bytes, sha256, rows }: SealedFile, disk: Disk): Promise<Look> {
  try {
    const opened = await disk.open(path)
    try {
      const name = parseCsvFileName(baseName(path))
      const whole = name && new WholeRows(name)
      const hash = createHash('sha256')
      let length = 0
      for await (const chunk of readChunks(opened)) {
        hash.update(chunk)
        whole?.push(chunk)
        length += chunk.length
      }
      if (length !== bytes) return other(`is ${length} bytes long here, ${bytes} were sealed`)
      const found = hash.digest('hex')
      if (found !== sha256) return other(`has SHA-256 ${found} here, ${sha256} was sealed`)
      if (whole !== undefined && whole.rows !== rows)
        return other(`has ${counted(whole.rows, 'row')}, the manifest says ${rows}`)
      return { kind: 'same', words: 'is as it was sealed' }
    } finally {
      await opened.close()
    }
  } catch (error) {
    if (!(error instanceof DiskError)) throw error
    if (error.systemCode === 'ENOENT') return { kind: 'gone', words: 'is gone' }
    return { kind: 'unread', words: `cannot be read: ${error.message}` }
  }
}

const other = (words: string): Look => ({ kind: 'other', words })
