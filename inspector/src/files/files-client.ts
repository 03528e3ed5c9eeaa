import type { FileHistory, FileList } from '../../../src/inspection-feed/file-protocol.ts'
import { ask } from '../daemon/ask.ts'

/** Which files the view is asked for, as its controls have it; `''` is all. */
export interface Choice {
  readonly states: string
  readonly camera: string
  readonly olderThan: string
  readonly order: 'oldest' | 'newest'
  readonly limit: number
}

export const listFiles = (
  { states, camera, olderThan, order, limit }: Choice,
  signal: AbortSignal,
): Promise<FileList> => {
  const query = new URLSearchParams({ order, limit: String(limit) })
  if (states !== '') query.set('state', states)
  if (camera !== '') query.set('camera', camera)
  if (olderThan !== '') query.set('olderThan', olderThan)
  return answerTo(`/api/files?${query.toString()}`, signal)
}

/** `file`: its number, or its path. */
export const fileHistory = (file: string, signal: AbortSignal): Promise<FileHistory> =>
  answerTo(`/api/files/${file.split('/').map(encodeURIComponent).join('/')}`, signal)

/** @throws {Error} with the daemon's words on why it cannot say; {signal.reason} */
async function answerTo<Answer>(path: string, signal: AbortSignal): Promise<Answer> {
  const answer = await ask(path, signal)
  if (answer.ok) return (await answer.json()) as Answer
  const { error = `the daemon answers ${answer.status}` } = (await answer.json()) as { readonly error?: string }
  throw new Error(error)
}
