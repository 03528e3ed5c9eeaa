/**
 * What the tests need of the system: ffmpeg, OpenSSH, Chromium, setpriv, the sqlite3 program.
 *
 * Root: installed by apt. Anybody else: named, with the line to run. Nothing is skipped because a part is missing.
 */
import { spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

const needed = [
  { program: 'ffmpeg', package: 'ffmpeg' },
  { program: 'sshd', package: 'openssh-server' },
  { program: 'chromium', package: 'chromium' },
  { program: 'setpriv', package: 'util-linux' },
  { program: 'ssh-keygen', package: 'openssh-client' },
  { program: 'sqlite3', package: 'sqlite3' },
]

const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin']
const isInstalled = ({ program }) =>
  folders.some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK)
      return true
    } catch {
      return false
    }
  })

const missing = needed.filter((need) => !isInstalled(need)).map((need) => need.package)
if (missing.length > 0) {
  const install = ['apt-get', 'install', '-y', '--no-install-recommends', ...missing]
  if (process.getuid?.() !== 0) {
    console.error(`The tests need ${missing.join(', ')}. Run:\n\n  sudo apt-get update && sudo ${install.join(' ')}\n`)
    process.exit(1)
  }
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  for (const [command, ...words] of [['apt-get', 'update', '-q'], install]) {
    console.error(`${command} ${words.join(' ')}`)
    const { status } = spawnSync(command, words, { stdio: ['ignore', 'ignore', 'inherit'], env: environment })
    if (status !== 0) process.exit(status ?? 1)
  }
  const still = needed.filter((need) => !isInstalled(need))
  if (still.length > 0) {
    console.error(`Still missing after the installation: ${still.map((need) => need.program).join(', ')}`)
    process.exit(1)
  }
}
