import { SftpStatusError } from '../domain/delivery-errors.ts'

/** For a request whose refusal changes nothing: the server has answered, which is all that matters. No answer is another matter. */
export function ignoreRefusal(error: unknown): undefined {
  if (!(error instanceof SftpStatusError)) throw error
  return undefined
}
