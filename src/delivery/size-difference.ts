import type { SealedFile } from '../domain/sealed-file.ts'
import type { SftpAttributes } from '../ports/sftp-session.ts'

/** What stands under a file's name on the server, where by its attributes it cannot be that file; `undefined` where it may be. */
export function sizeDifference(
  { size, isFolder }: SftpAttributes,
  { bytes }: Pick<SealedFile, 'bytes'>,
): string | undefined {
  if (isFolder === true) return 'a folder'
  return size === bytes ? undefined : `${size} bytes long`
}
