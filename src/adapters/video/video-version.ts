import { readFile, writeFile } from 'node:fs/promises'
import { z } from 'zod'

/** What a server calls one version of a video; empty where it has no name for it. */
export interface VideoVersion {
  readonly etag?: string | undefined
  /** The `Last-Modified` as it was sent. */
  readonly modified?: string | undefined
}

const schema = z.object({ etag: z.string().optional(), modified: z.string().optional() })

export const hasName = ({ etag, modified }: VideoVersion): boolean => etag !== undefined || modified !== undefined

/** Of a request that wants the video only if it is another one by now. */
export const unlessSame = ({ etag, modified }: VideoVersion): Record<string, string> => ({
  ...(etag !== undefined && { 'if-none-match': etag }),
  ...(modified !== undefined && { 'if-modified-since': modified }),
})

export const writeVersion = (path: string, version: VideoVersion): Promise<void> =>
  writeFile(path, JSON.stringify(version))

/** `undefined` where none is there, or none that can be read, as after a power cut. */
export async function readVersion(path: string): Promise<VideoVersion | undefined> {
  try {
    return schema.parse(JSON.parse(await readFile(path, 'utf8')))
  } catch {
    return undefined
  }
}
