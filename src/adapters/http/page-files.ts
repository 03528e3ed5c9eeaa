import { readdir, readFile } from 'node:fs/promises'
import { extname, join, relative, sep } from 'node:path'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'

export interface PageFile {
  readonly contentType: string
  readonly body: Buffer
  readonly gzipped: Buffer
}

/** The page's files by the URL path that each is served at; nothing else is ever served. */
export type PageFiles = ReadonlyMap<string, PageFile>

const compress = promisify(gzip)

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
}

/**
 * Reads the built page into memory, `index.html` also as `/`. Files of other kinds are left out.
 *
 * Requests are looked up in this list and never reach the file system, so no path can lead out of it.
 * A folder that isn't there gives an empty list: the daemon works without its page.
 */
export async function readPageFiles(folder: string): Promise<PageFiles> {
  const files = new Map<string, PageFile>()
  for (const path of await filesBelow(folder)) {
    const contentType = contentTypes[extname(path)]
    if (contentType === undefined) continue
    const body = await readFile(path)
    const file = { contentType, body, gzipped: await compress(body) }
    const url = `/${relative(folder, path).split(sep).join('/')}`
    files.set(url, file)
    if (url === '/index.html') files.set('/', file)
  }
  return files
}

async function filesBelow(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true })
    return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
