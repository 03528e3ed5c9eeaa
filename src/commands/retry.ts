import { openManifestBeside } from '../adapters/manifest/open-beside.ts'
import type { FileState } from '../domain/file-state.ts'
import { IllegalFileStateError } from '../domain/illegal-file-state-error.ts'
import type { Clock } from '../ports/clock.ts'
import type { ManifestRecords } from '../ports/manifest.ts'
import { everyFile } from '../storage/look-up-files.ts'
import { refusedChange } from '../storage/refused-change.ts'
import { exitCodes, type ExitCode } from './exit-codes.ts'
import { configWithoutSecrets } from './read-config.ts'
import { interruptionOf } from './terminal/interruption.ts'
import type { Terminal } from './terminal/terminal.ts'
import { withManifest } from './manifest/with-manifest.ts'

/**
 * `belay retry`: sends files again that were set aside, or that wait; beside a daemon that may be running, which finds them
 * at its next probe. 1: some could not be; 75: it was interrupted, between two files.
 */
export const retryCommand = async (
  file: string,
  which: { readonly ids: readonly number[]; readonly states: readonly FileState[] },
  terminal: Terminal,
  clock: Clock,
): Promise<ExitCode> => {
  const config = await configWithoutSecrets(file, terminal)
  const signal = interruptionOf(terminal, 'all were sent again')
  return withManifest(config, terminal, openManifestBeside, async (manifest, { sftp }) => {
    let [sent, refused] = [0, 0]
    try {
      const ids = [...which.ids, ...(await idsIn(manifest, which.states, signal))]
      for (const id of ids) {
        signal.throwIfAborted()
        try {
          await manifest.resend(id, 'asked for by belay retry', clock.now())
          sent++
        } catch (error) {
          if (!(error instanceof IllegalFileStateError)) throw error
          refused++
          terminal.err(`${id}: ${await refusedChange(id, error, manifest, 'sent again')}\n`)
        }
      }
    } finally {
      const when =
        sent === 0 ? '' : `; a daemon that runs and is connected finds them within ${sftp.probeEvery / 1000} s`
      terminal.out(`${sent} to be sent again${when}\n`)
    }
    return refused === 0 ? exitCodes.ok : exitCodes.failed
  })
}

async function idsIn(manifest: ManifestRecords, states: readonly FileState[], signal: AbortSignal): Promise<number[]> {
  const ids: number[] = []
  if (states.length === 0) return ids
  for await (const { id } of everyFile(manifest, { states })) {
    signal.throwIfAborted()
    ids.push(id)
  }
  return ids
}
