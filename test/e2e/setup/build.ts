import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** Builds what the end-to-end tests run: the daemon as it is shipped, and its page. */
export function setup(): void {
  const root = fileURLToPath(new URL('../../..', import.meta.url))
  const npm = (...words: string[]) =>
    execFileSync('npm', ['run', '--silent', ...words], { cwd: root, stdio: 'inherit' })
  npm('build:daemon')
  npm('build:inspector')
}
