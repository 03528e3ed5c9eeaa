import { gunzipSync } from 'node:zlib'

/** How long a header of a tar is; what it holds is filled up to a multiple of it. */
const block = 512

/** Names and contents of what lies in a .tar.gz, in order; a .csv.gz holds one file, named after it. */
export function unpackArchive(path: string, packed: Uint8Array): [name: string, content: string][] {
  const content = gunzipSync(packed)
  if (path.endsWith('.csv.gz')) return [[path.slice(path.lastIndexOf('/') + 1, -'.gz'.length), content.toString()]]
  const found: [string, string][] = []
  for (let at = 0; (content[at] ?? 0) !== 0;) {
    const name = textOf(content.subarray(at, at + 100))
    const length = Number.parseInt(textOf(content.subarray(at + 124, at + 136)), 8)
    found.push([name, content.subarray(at + block, at + block + length).toString()])
    at += block * (1 + Math.ceil(length / block))
  }
  return found
}

const textOf = (field: Uint8Array): string => {
  const end = field.indexOf(0)
  return Buffer.from(end < 0 ? field : field.subarray(0, end)).toString()
}
