import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { main } from './support/daemon.ts'
import { rowsBelow } from './support/site.ts'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../..', import.meta.url))

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'belay-demo-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

/** The last words of a demo of these cameras whose frames and rows all came to something. */
function expectClosedAccount(output: string, cameras: readonly string[]): { delivered: number } {
  const frames = [
    ...output.matchAll(/^(belt-\d): frames captured (\d+) = inspected (\d+) \+ dropped (\d+).* \+ failed (\d+)/gm),
  ]
  expect(frames.map(([, camera]) => camera)).toEqual(cameras)
  for (const [, , captured, inspected, dropped, failed] of frames) {
    expect(Number(captured)).toBe(Number(inspected) + Number(dropped) + Number(failed))
    expect(Number(inspected)).toBeGreaterThan(0)
  }
  const [, written, delivered] = /^rows written (\d+), .*delivered (\d+), waiting 0, set aside 0$/m.exec(output) ?? []
  expect(Number(written)).toBeGreaterThan(0)
  expect(delivered).toBe(written)
  return { delivered: Number(delivered) }
}

describe('npm start', () => {
  it('runs the demo for so many seconds, and ends with an account that closes', async () => {
    const { stdout } = await run('npm', ['start', '--', '--seconds', '6', '--folder', folder, '--port', '0'], {
      cwd: root,
    })
    expect(stdout).toMatch(/^The page listens at http:\/\/127\.0\.0\.1:\d+$/m)
    expect(stdout).toMatch(/^first row delivered \d+\.\d s after the start$/m)
    expect(stdout).toMatch(/^stopping: cameras let go of their streams …$/m)
    expect(stdout).toMatch(/^Everything is drained\.$/m)
    const { delivered } = expectClosedAccount(stdout, ['belt-1', 'belt-2'])
    expect((await rowsBelow(join(folder, 'delivered'))).length).toBe(delivered)
  })

  it('says in one line that ffmpeg is missing, runs without its recorded camera, and leaves nothing elsewhere', async () => {
    // ONNX Runtime would leave traces of its telemetry in both.
    const [home, tmp] = [join(folder, 'home'), join(folder, 'tmp')]
    await Promise.all([mkdir(home), mkdir(tmp)])
    const { stdout } = await run(
      process.execPath,
      [main, 'demo', '--seconds', '6', '--folder', folder, '--port', '0'],
      {
        env: {
          ...process.env,
          PATH: join(folder, 'no-programs'),
          HOME: home,
          TMPDIR: tmp,
        },
      },
    )
    expect(stdout.match(/^.*ffmpeg is not installed.*$/gm)).toHaveLength(1)
    expectClosedAccount(stdout, ['belt-1'])
    expect([await readdir(home), await readdir(tmp)]).toEqual([[], []])
  })
})

describe('a packed Belay, installed in an empty folder', () => {
  it('runs its demo there', async () => {
    const { stdout: packed } = await run('npm', ['pack', '--silent', '--pack-destination', folder], { cwd: root })
    const tarball = join(folder, packed.trim().split('\n').at(-1) ?? '')
    const place = join(folder, 'place')
    await run('mkdir', [place])
    await run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', tarball], {
      cwd: place,
      env: { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip' },
    })
    const { stdout } = await run('npx', ['belay', 'demo', '--seconds', '6', '--port', '0'], { cwd: place })
    expectClosedAccount(stdout, ['belt-1', 'belt-2'])
    const [demo = ''] = await readdir(join(place, 'belay-demo'))
    expect(await readdir(join(place, 'belay-demo', demo))).toEqual(
      expect.arrayContaining(['belay.log', 'data', 'delivered']),
    )
  })
})
