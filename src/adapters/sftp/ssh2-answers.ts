import { SftpStatusError } from '../../domain/delivery-errors.ts'
import type { SftpAttributes } from '../../ports/sftp-session.ts'

const endOfList = 1
const noSuchFile = 2
const statuses: Readonly<Record<number, SftpStatusError['status']>> = {
  [noSuchFile]: 'no-such-file',
  3: 'permission-denied',
  4: 'failure',
  8: 'unsupported',
  14: 'no-space',
  15: 'no-space', // quota exceeded
}

export const statusOf = (code: number): SftpStatusError['status'] => statuses[code] ?? 'other'

const codeOf = (error: unknown): unknown => (error as { code?: unknown } | undefined)?.code

export const isNoSuchFile = (error: unknown): boolean => codeOf(error) === noSuchFile

export const isEnd = (error: unknown): boolean => codeOf(error) === endOfList

/** The server answered with something else than the request calls for. */
export const malformed = (request: string, path: string, lacks: string): SftpStatusError =>
  new SftpStatusError(request, path, 'other', `the answer holds ${lacks}`)

const folderBits = 0o040000
const typeMask = 0o170000

export function attributes(request: string, path: string, found: unknown): SftpAttributes {
  const { size, mode } = (found ?? {}) as { size?: unknown; mode?: unknown }
  const isFolder = isFolderBy(mode)
  const isSize = typeof size === 'number' && size >= 0
  // A folder's is nobody's business.
  if (!isSize && isFolder !== true) throw malformed(request, path, 'no size')
  return { size: isSize ? size : 0, isFolder }
}

/** `undefined` where there is no mode, or one without a type. */
export function isFolderBy(mode: unknown): boolean | undefined {
  const type = typeof mode === 'number' ? mode & typeMask : 0
  return type === 0 ? undefined : type === folderBits
}
