import { hashToken, makeToken } from '../adapters/http/token-hash.ts'
import { exitCodes, type ExitCode } from './exit-codes.ts'
import type { Terminal } from './terminal/terminal.ts'

/** `belay token`: makes a token, and the hash of it that goes into the configuration. The token is kept nowhere. */
export async function tokenCommand(terminal: Terminal): Promise<ExitCode> {
  const token = makeToken()
  const hash = await hashToken(token)
  terminal.out(`${token}\n`)
  // Apart from the token, so that `belay token > FILE` keeps that alone.
  terminal.err(`The token stands above and is shown once. Into the configuration goes its hash, for who may look as

http:
  viewTokenHash: ${hash}

or, for who may also operate, as operateTokenHash. Then start Belay again.
`)
  return exitCodes.ok
}
