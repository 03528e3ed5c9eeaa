import { csvFilePath, type SealedFile } from '../domain/sealed-file.ts'
import { parseCsvFileName, parsePackedName } from '../domain/file-name.ts'

/**
 * Where files stand on the server while they are not whole: in a folder `.belay` below the server's folder, which has to be
 * on the same file system as the rest; or beside their final name, where folders can't be made there.
 */
export type TemporaryPlace = 'folder' | 'suffix'

/** Names below one folder of the server. */
export interface RemoteNames {
  /** Absolute, or relative to the login folder. */
  readonly folder: string
  readonly temporary: TemporaryPlace
}

export const temporaryFolder = '.belay'

/** Where the consumer finds it. */
export const finalPath = ({ folder }: RemoteNames, file: Pick<SealedFile, 'path'>): string => below(folder, file.path)

/**
 * `NAME.SHA12.TRY.part`. Each try has a name of its own: a request of an earlier connection that the server carries out
 * late must find neither the file of this try to write into, nor to rename before it is whole.
 */
export function temporaryPath(names: RemoteNames, file: SealedFile, attempt: string): string {
  const part = `${baseName(file.path)}.${file.sha256.slice(0, 12)}.${attempt}.part`
  const folder = names.temporary === 'folder' ? temporaryFolder : parentOf(file.path)
  return below(names.folder, folder === '' ? part : `${folder}/${part}`)
}

/** Six hex digits that name a try. */
export const attemptName = (random: number): string =>
  Math.floor(random * 0x1000000)
    .toString(16)
    .padStart(6, '0')

/** The path of the sealed file whose temporary name this is; `undefined` where it is none of ours. */
export function sealedPathOfTemporary(name: string): string | undefined {
  const [, final] = /^(.+)\.[0-9a-f]{12}\.[0-9a-f]{6}\.part$/.exec(name) ?? []
  const parsed = final === undefined ? undefined : (parseCsvFileName(final) ?? parsePackedName(final))
  return parsed && final && csvFilePath(parsed, final)
}

export const below = (folder: string, path: string): string =>
  folder === '.' || folder === '' ? path : `${folder.replace(/\/+$/, '')}/${path}`

/** Empty for a name in the login folder, `/` for one in the root. */
export function parentOf(path: string): string {
  const slash = path.lastIndexOf('/')
  return slash === 0 ? '/' : path.slice(0, Math.max(slash, 0))
}

export const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1)
