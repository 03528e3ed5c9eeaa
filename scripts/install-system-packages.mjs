/**
 * What the tests need of the system: ffmpeg, OpenSSH, Chromium, setpriv, the sqlite3 program, systemd's programs, Python, promtool.
 *
 * Root: installed by apt. Anybody else: named, with the line to run. Nothing is skipped because a part is missing.
 */
import { spawnSync } from 'node:child_process'
import { accessSync, constants, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const needed = [
  { program: 'ffmpeg', package: 'ffmpeg' },
  { program: 'sshd', package: 'openssh-server' },
  { program: 'chromium', package: 'chromium' },
  { program: 'setpriv', package: 'util-linux' },
  { program: 'ssh-keygen', package: 'openssh-client' },
  { program: 'sqlite3', package: 'sqlite3' },
  { program: 'systemd-notify', package: 'systemd' },
  { program: 'python3', package: 'python3' },
  // The package's service would start a server that stays: of it, this one program is taken.
  { program: 'promtool', package: 'prometheus', unpack: true },
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

const missing = needed.filter((need) => !isInstalled(need))
if (missing.length > 0) {
  if (process.getuid?.() !== 0) {
    const names = missing.map((need) => need.program).join(', ')
    console.error(
      `The tests need ${names}. Run:\n\n  sudo ${process.execPath} ${fileURLToPath(import.meta.url)}\n\nwhich installs them by apt.`,
    )
    process.exit(1)
  }
  run('apt-get', ['update', '-q'])
  const packages = missing.filter((need) => !need.unpack).map((need) => need.package)
  if (packages.length > 0) run('apt-get', ['install', '-y', '--no-install-recommends', ...packages])
  for (const need of missing.filter(({ unpack }) => unpack)) takeProgram(need)
  const still = needed.filter((need) => !isInstalled(need))
  if (still.length > 0) {
    console.error(`Still missing after the installation: ${still.map((need) => need.program).join(', ')}`)
    process.exit(1)
  }
}

function run(command, words, folder = '/') {
  console.error(`${command} ${words.join(' ')}`)
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const { status } = spawnSync(command, words, {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: environment,
  })
  if (status !== 0) process.exit(status ?? 1)
}

/** Takes one program out of a package, into /usr/local/bin, without installing the package. */
function takeProgram({ program, package: name }) {
  const folder = mkdtempSync(join(tmpdir(), 'belay-package-'))
  run('apt-get', ['download', '-q', name], folder)
  for (const file of readdirSync(folder)) run('dpkg-deb', ['-x', file, 'unpacked'], folder)
  run('install', ['-m', '755', join('unpacked/usr/bin', program), join('/usr/local/bin', program)], folder)
  rmSync(folder, { recursive: true })
}
