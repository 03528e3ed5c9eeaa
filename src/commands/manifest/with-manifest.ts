import type { Config } from '../../config/config.ts'
import { OperatingError } from '../../domain/errors.ts'
import { ManifestTooNewError } from '../../domain/manifest-errors.ts'
import type { ManifestRecords } from '../../ports/manifest.ts'
import { exitCodes, type ExitCode } from '../exit-codes.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { inAnothersFolder, systemUsers } from './folder-owner.ts'

/**
 * Opens the manifest of the configuration's data folder, and works with it. What the world refuses is said in its own words: 75,
 * since it may mend; but 78 of a newer Belay's manifest, and of a configuration that is wrong, of which all has been said.
 */
export async function withManifest<Records extends ManifestRecords>(
  config: Config | undefined,
  terminal: Terminal,
  open: (folder: string) => Promise<Records>,
  work: (manifest: Records, config: Config) => Promise<ExitCode>,
  users = systemUsers,
): Promise<ExitCode> {
  if (config === undefined) return exitCodes.config
  try {
    const manifest = await open(config.dataFolder)
    try {
      return await work(manifest, config)
    } finally {
      await manifest.close()
    }
  } catch (error) {
    if (!(error instanceof OperatingError)) throw error
    terminal.err(`${(await inAnothersFolder(error, config.dataFolder, users)).message}\n`)
    return error instanceof ManifestTooNewError ? exitCodes.config : exitCodes.cutOff
  }
}
