import { open, stat } from 'node:fs/promises'
import { messageOf } from '../../domain/message-of.ts'

const webPage = 'it is a web page, and no ONNX model; download the model itself'

/** What files of other kinds begin with, in lower case, and what to do about them. */
const otherKinds: readonly (readonly [begins: string, fault: string])[] = [
  ['pk\x03\x04', 'it is a ZIP archive, as PyTorch makes them, and no ONNX model; export it as ONNX'],
  ['\x1f\x8b', 'it is compressed (gzip); unpack it'],
  ['version https://git-lfs', 'it is a pointer of Git LFS, and not the model; fetch that with: git lfs pull'],
  ['<!doctype', webPage],
  ['<html', webPage],
]

/** Why a model's file could not be opened, and what to do: what the file itself tells where that is plain, else what ONNX Runtime said. */
export async function faultOfFile(file: string, error: unknown): Promise<string> {
  return (await plainFault(file)) ?? advised(messageOf(error))
}

async function plainFault(file: string): Promise<string | undefined> {
  try {
    const found = await stat(file)
    if (found.isDirectory()) return "it is a folder; set the model's `file` to an ONNX file in it"
    if (found.size === 0) return 'it is empty; copy or export it again'
    const begins = await beginningOf(file)
    return otherKinds.find(([begin]) => begins.startsWith(begin))?.[1]
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return "there is no such file; set the model's `file` to one that is there"
    if (code === 'EACCES') return 'permission denied; let the user that Belay runs as read it, and enter its folders'
    return `the system says ${code}`
  }
}

async function beginningOf(file: string): Promise<string> {
  const handle = await open(file)
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(64), 0, 64, 0)
    return buffer.toString('latin1', 0, bytesRead).trimStart().toLowerCase()
  } finally {
    await handle.close()
  }
}

const advised = (said: string): string =>
  /protobuf parsing failed/i.test(said) ? `${said} Expected an ONNX model; if it was cut off, copy it again` : said
