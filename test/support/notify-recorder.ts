import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { createInterface } from 'node:readline'

/** Node has no datagram sockets of Unix; Python has. Each datagram is a line of JSON. */
const program = `
import json, socket, sys
listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
listener.bind(sys.argv[1])
print(json.dumps("bound"), flush=True)
while True:
    print(json.dumps(listener.recv(65536).decode()), flush=True)
`

/** Stands where systemd listens, and keeps what it is told. */
export interface NotifyRecorder {
  readonly socket: string
  /** What was told so far, word by word: `READY=1`. */
  readonly words: readonly string[]
  /** Since the watchdog was fed last, or since the recorder began: by this systemd decides that a service hangs. */
  readonly starvedForMs: number
  close(): Promise<void>
}

export async function startNotifyRecorder(): Promise<NotifyRecorder> {
  const folder = await mkdtemp(join(tmpdir(), 'belay-notify-'))
  const socket = join(folder, 'notify')
  const child: ChildProcessByStdio<null, Readable, null> = spawn('python3', ['-c', program, socket], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const words: string[] = []
  let fedAt = performance.now()
  const lines = createInterface(child.stdout)
  await once(lines, 'line')
  lines.on('line', (line) => {
    const told = (JSON.parse(line) as string).split('\n').filter((word) => word !== '')
    // How systemd-notify waits until it was heard.
    if (told.includes('WATCHDOG=1')) fedAt = performance.now()
    words.push(...told.filter((word) => word !== 'BARRIER=1'))
  })
  return {
    socket,
    words,
    get starvedForMs() {
      return performance.now() - fedAt
    },
    async close() {
      child.kill()
      await once(child, 'close')
      await rm(folder, { recursive: true })
    },
  }
}
