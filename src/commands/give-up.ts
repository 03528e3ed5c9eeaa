import { NodeDisk } from '../adapters/disk/node-disk.ts'
import { openManifestBeside } from '../adapters/manifest/open-beside.ts'
import { IllegalFileStateError } from '../domain/illegal-file-state-error.ts'
import type { Clock } from '../ports/clock.ts'
import type { Disk } from '../ports/disk.ts'
import type { ManifestRecords } from '../ports/manifest.ts'
import { fileById } from '../storage/look-up-files.ts'
import { refusedChange } from '../storage/refused-change.ts'
import { exitCodes, type ExitCode } from './exit-codes.ts'
import { withManifest } from './manifest/with-manifest.ts'
import { configWithoutSecrets } from './read-config.ts'
import { interruptionOf } from './terminal/interruption.ts'
import type { Terminal } from './terminal/terminal.ts'
import { intact } from './verify/make-again.ts'
import { lookAtFile } from './verify/look-at-file.ts'

/**
 * `belay give-up`: records refused files as lost, so that nobody is asked to act on them any more; beside a daemon that may be
 * running. Each is named by its number, and looked at first: one that is here as it was sealed is not lost, nor is an archive while what went into it is here. Nothing is deleted,
 * and `belay retry` sends one again that has turned up. 1: some were not given up; 75: it was interrupted, between two files.
 */
export const giveUpCommand = async (
  file: string,
  ids: readonly number[],
  terminal: Terminal,
  clock: Clock,
): Promise<ExitCode> => {
  const config = await configWithoutSecrets(file, terminal)
  const signal = interruptionOf(terminal, 'all were given up')
  return withManifest(config, terminal, openManifestBeside, async (manifest, { dataFolder }) => {
    const disk = new NodeDisk(dataFolder)
    let givenUp = 0
    try {
      for (const id of ids) {
        signal.throwIfAborted()
        const refusal = await giveUp(id, { manifest, disk, clock })
        if (refusal === undefined) givenUp++
        else terminal.err(`${id}: ${refusal}\n`)
      }
    } finally {
      terminal.out(`${givenUp} given up\n`)
    }
    return givenUp === ids.length ? exitCodes.ok : exitCodes.failed
  })
}

interface Folder {
  readonly manifest: ManifestRecords
  readonly disk: Disk
  readonly clock: Clock
}

/** Resolves with why it was not. */
export async function giveUp(id: number, { manifest, disk, clock }: Folder): Promise<string | undefined> {
  const entry = await fileById(manifest, id)
  // No more is asked: a daemon may refuse it a moment later, and then nobody has looked at it.
  if (entry?.state !== 'refused')
    return refusedChange(id, { file: entry?.path ?? '', found: entry?.state ?? 'nothing' }, manifest, 'given up')
  const { path } = entry
  const { kind, words } = await lookAtFile(entry, disk)
  if (kind === 'same') return `${path} is here as it was sealed; belay retry sends it`
  if (kind === 'unread') return `${path} ${words}`
  const members = await manifest.members(id)
  const left = (await intact(members, disk)).length
  if (left > 0 && left === members.length)
    return `what went into ${path} is here as it was sealed; belay verify --repair makes it again`
  if (left > 0)
    return `${left} of the ${members.length} files that went into ${path} are here as they were sealed, and go with it: move them away first`
  try {
    await manifest.giveUp(id, `it ${words}; given up by belay give-up`, clock.now())
    return undefined
  } catch (error) {
    if (!(error instanceof IllegalFileStateError)) throw error
    return refusedChange(id, error, manifest, 'given up')
  }
}
