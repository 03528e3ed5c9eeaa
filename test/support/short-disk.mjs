/**
 * Loaded into the daemon before it starts (`--import`), where nobody may mount a small disk, not even in a namespace: what it
 * writes by Node's calls meets a disk of as many bytes as the file BELAY_TEST_DISK_BYTES says, all that is below BELAY_TEST_DISK
 * counted. A write that meets the bound is short, and the next one fails with ENOSPC, as the kernel does it. SQLite's own writes
 * are not held up.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import promises from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { join } from 'node:path'

const { BELAY_TEST_DISK: folder = '', BELAY_TEST_DISK_BYTES: bytesFile = '' } = process.env

function freeBytes() {
  let used = 0
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) used += statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false })?.size ?? 0
  }
  return Math.max(Number(readFileSync(bytesFile, 'utf8')) - used, 0)
}

const sample = await promises.open('/dev/null')
const handles = Object.getPrototypeOf(sample)
await sample.close()

const { write } = handles
handles.write = function (bytes, offset, length, position) {
  const taken = Math.min(length, freeBytes())
  if (taken === 0 && length > 0) {
    return Promise.reject(
      Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC', syscall: 'write' }),
    )
  }
  return write.call(this, bytes, offset, taken, position)
}

const { statfs } = promises
promises.statfs = async (path, options) => ({ ...(await statfs(path, options)), bsize: 1, bavail: freeBytes() })
syncBuiltinESMExports()
