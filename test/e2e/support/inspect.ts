import { execFile } from 'node:child_process'
import { onTestFinished } from 'vitest'
import { main } from './daemon.ts'

/** `belay inspect FILE`; resolves with where the page is. */
export function inspect(file: string): Promise<string> {
  const child = execFile(process.execPath, [main, 'inspect', file, '--port', '0'])
  onTestFinished(() => void child.kill('SIGTERM'))
  return new Promise((resolve, reject) => {
    let said = ''
    child.stdout?.on('data', (text: string) => {
      said += text
      const url = /The page is at (\S+)/.exec(said)?.[1]
      if (url !== undefined) resolve(url)
    })
    child.on('exit', (code) => reject(new Error(`belay inspect ended with ${code}: ${said}`)))
  })
}
