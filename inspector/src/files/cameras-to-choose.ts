import type { FileView } from '../../../src/inspection-feed/file-protocol.ts'

interface Cameras {
  readonly configured: readonly string[]
  /** Remembered from list to list, since one of a single camera names no other. */
  readonly seen: Set<string>
}

/** Those of the configuration, then those of files that were listed: a camera that is taken out leaves files. */
export function camerasToChoose(
  { configured, seen }: Cameras,
  files: readonly Pick<FileView, 'camera'>[],
  chosen: string,
): string[] {
  for (const { camera } of files) seen.add(camera)
  if (chosen !== '') seen.add(chosen)
  return [...new Set([...configured, ...[...seen].sort()])]
}
