import { createHash } from 'node:crypto'
import { unpackArchive } from '../support/unpack-archive.ts'
import type { Estate } from './simulated-process.ts'
import type { SimulatedSite } from './simulated-server.ts'

/** What the server shows to whoever looks for results: a file, or what files are packed into. */
export const isFinalName = (path: string): boolean => /\.(csv|csv\.gz|tar\.gz)$/.test(path)

/** Files of ours that the server has; what is still growing is none. */
export function shownBy({ server, strangers }: SimulatedSite): Map<string, Buffer> {
  const shown = new Map<string, Buffer>()
  for (const [path, node] of server.nodes)
    if (node !== 'folder' && isFinalName(path) && !strangers.isAt(path)) shown.set(path, node.content)
  return shown
}

/** Files that the server has, or had until the consumer took them. */
export const shownOn = ({ site, taken }: Estate): ReadonlyMap<string, Buffer> => new Map([...taken, ...shownBy(site)])

/** The CSV files among them, unpacked, each named after where it lies. */
export function resultsIn(shown: ReadonlyMap<string, Buffer>): Record<string, string> {
  const found: Record<string, string> = {}
  for (const [path, content] of shown) {
    if (!path.endsWith('.gz')) found[path] = content.toString()
    // An archive may hold the same name twice.
    else unpacked(path, content).forEach(([name, text], place) => (found[`${path}/${place}/${name}`] = text))
  }
  return found
}

/** What is torn holds nothing. */
function unpacked(path: string, content: Buffer): [name: string, text: string][] {
  try {
    return unpackArchive(path, content)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code?.startsWith('Z_') === true) return []
    throw error
  }
}

export const digestOf = (content: Uint8Array | undefined): string | undefined =>
  content && createHash('sha256').update(content).digest('hex')

/** The archive that a packed file is in, by what the manifest says of it; none of any other file. */
export const archiveOf = (why: string | undefined): string => /^in (.*)/.exec(why ?? '')?.[1] ?? ''
