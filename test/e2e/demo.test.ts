import { execFile, spawn, type SpawnOptions } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { main } from './support/daemon.ts'
import { rowsBelow } from './support/site.ts'
import { copySourceTree } from './support/source-tree.ts'

const run = promisify(execFile)

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'belay-demo-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

/** The last words of a demo of these cameras: each frame and each row came to something. */
function expectClosedAccount(output: string, cameras: readonly string[]): { inspected: number[]; delivered: number } {
  const frames = [
    ...output.matchAll(/^(belt-\d): frames captured (\d+) = inspected (\d+) \+ dropped (\d+).* \+ failed (\d+)/gm),
  ]
  expect(frames.map(([, camera]) => camera)).toEqual(cameras)
  for (const [, , captured, inspected, dropped, failed] of frames)
    expect(Number(captured)).toBe(Number(inspected) + Number(dropped) + Number(failed))
  const [, written, delivered] = /^rows written (\d+), .*delivered (\d+), waiting 0, set aside 0$/m.exec(output) ?? []
  expect(Number(written)).toBeGreaterThanOrEqual(0)
  expect(delivered).toBe(written)
  return { inspected: frames.map(([, , , inspected]) => Number(inspected)), delivered: Number(delivered) }
}

/** Runs a demo until each of these cameras has had a picture inspected and a row has arrived, however long that takes; then presses Ctrl-C. */
async function demoUntilDelivered(
  [command, ...words]: readonly [string, ...string[]],
  cameras: readonly string[],
  options: SpawnOptions,
): Promise<string> {
  const child = spawn(command, words, { ...options, detached: true, stdio: ['ignore', 'pipe', 'inherit'] })
  const { pid, stdout } = child
  if (pid === undefined || stdout === null) throw new Error(`${command} could not be started`)
  let said = ''
  let exit: string | undefined
  stdout.setEncoding('utf8').on('data', (text: string) => (said += text))
  const ended = once(child, 'close').then((how) => (exit = JSON.stringify(how)))
  onTestFinished(() => void (exit === undefined && process.kill(-pid, 'SIGKILL')))
  const hasInspected = (camera: string) => new RegExp(`^${camera} +\\S+ +[\\d.]+ +[1-9]`, 'm').test(said)
  await eventually(
    () => `a row is delivered, and ${cameras.join(' and ')} inspected; the demo has said ${said}`,
    () => {
      if (exit !== undefined) throw new Error(`The demo ended with ${exit}: ${said}`)
      return (/^first row delivered \d+\.\d s after the start$/m.test(said) && cameras.every(hasInspected)) || undefined
    },
    120,
  )
  process.kill(-pid, 'SIGINT')
  expect(await ended).toBe('[0,null]')
  const { inspected, delivered } = expectClosedAccount(said, cameras)
  for (const count of [...inspected, delivered]) expect(count).toBeGreaterThan(0)
  return said
}

describe('npm start', () => {
  it('builds the daemon, runs the demo for so many seconds, and ends with an account that closes', async () => {
    const tree = join(folder, 'tree')
    await copySourceTree(tree)
    const { stdout } = await run('npm', ['start', '--', '--seconds', '6', '--folder', folder, '--port', '0'], {
      cwd: tree,
    })
    expect(stdout).toMatch(/^The page listens at http:\/\/127\.0\.0\.1:\d+$/m)
    expect(stdout).toMatch(/^stopping: cameras let go of their streams …$/m)
    expect(stdout).toMatch(/^Everything is drained\.$/m)
    const { delivered } = expectClosedAccount(stdout, ['belt-1', 'belt-2'])
    expect((await rowsBelow(join(folder, 'delivered'))).length).toBe(delivered)
  })

  it('says in one line that ffmpeg is missing, runs without its recorded camera, and leaves nothing elsewhere', async () => {
    // ONNX Runtime would leave traces of its telemetry in both.
    const [home, tmp] = [join(folder, 'home'), join(folder, 'tmp')]
    await Promise.all([mkdir(home), mkdir(tmp)])
    const env = { ...process.env, PATH: join(folder, 'no-programs'), HOME: home, TMPDIR: tmp }
    const demo = [process.execPath, main, 'demo', '--folder', folder, '--port', '0'] as const
    const said = await demoUntilDelivered(demo, ['belt-1'], { env })
    expect(said.match(/^.*ffmpeg is not installed.*$/gm)).toHaveLength(1)
    expect([await readdir(home), await readdir(tmp)]).toEqual([[], []])
  })
})

describe('a packed Belay, installed in an empty folder', () => {
  // It is built, packed and installed first.
  it('runs its demo there', async () => {
    const tree = join(folder, 'tree')
    await copySourceTree(tree)
    const { stdout: packed } = await run('npm', ['pack', '--silent', '--pack-destination', folder], { cwd: tree })
    const tarball = join(folder, packed.trim().split('\n').at(-1) ?? '')
    const place = join(folder, 'place')
    await run('mkdir', [place])
    await run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', tarball], {
      cwd: place,
      // As on a box that has no compiler: nothing of what Belay needs is made there.
      env: { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip', npm_config_node_gyp: '/bin/false' },
    })
    const belay = join(place, 'node_modules', '.bin', 'belay')
    await demoUntilDelivered([belay, 'demo', '--port', '0'], ['belt-1', 'belt-2'], { cwd: place })
    const [demo = ''] = await readdir(join(place, 'belay-demo'))
    expect(await readdir(join(place, 'belay-demo', demo))).toEqual(
      expect.arrayContaining(['belay.log', 'data', 'delivered']),
    )
  }, 600_000)
})
