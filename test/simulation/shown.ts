import { createHash } from 'node:crypto'
import { unpackArchive } from '../support/unpack-archive.ts'
import type { Estate } from './simulated-process.ts'

/** What the server shows to whoever looks for results: a file, or what files are packed into. */
export const isFinalName = (path: string): boolean => /\.(csv|csv\.gz|tar\.gz)$/.test(path)

/** Files that the server has, or had until the consumer took them; what is still growing is none. */
export function shownOn({ site, taken }: Estate): ReadonlyMap<string, Buffer> {
  const shown = new Map(taken)
  for (const [path, node] of site.server.nodes)
    if (node !== 'folder' && isFinalName(path)) shown.set(path, node.content)
  return shown
}

/** The CSV files among them, unpacked, each named after where it lies. */
export function resultsIn(shown: ReadonlyMap<string, Buffer>): Record<string, string> {
  const found: Record<string, string> = {}
  for (const [path, content] of shown) {
    if (!path.endsWith('.gz')) found[path] = content.toString()
    else for (const [name, text] of Object.entries(unpackArchive(path, content))) found[`${path}/${name}`] = text
  }
  return found
}

export const digestOf = (content: Uint8Array | undefined): string | undefined =>
  content && createHash('sha256').update(content).digest('hex')
