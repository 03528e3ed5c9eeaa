import { describe, expect, it } from 'vitest'
import { Loose } from '../../../src/actors/loose.ts'
import { checkEverything, type CheckWorld } from '../../../src/commands/check/check-everything.ts'
import { CameraPathError } from '../../../src/domain/camera-errors.ts'
import { SftpUnreachableError } from '../../../src/domain/delivery-errors.ts'
import type { PictureSize } from '../../../src/domain/frame.ts'
import { ManifestTooNewError } from '../../../src/domain/manifest-errors.ts'
import { HttpPortTakenError } from '../../../src/domain/http-errors.ts'
import { cameraId } from '../../../src/domain/ids.ts'
import { DiskError } from '../../../src/domain/disk-error.ts'
import { ModelRefusedError } from '../../../src/domain/inference-errors.ts'
import type { ModelRunner } from '../../../src/ports/model-runner.ts'
import type { VideoStream } from '../../../src/ports/video-source.ts'
import { configOf, secretsOf, smallConfig, smallConfigWith } from '../../config/small-config.ts'
import { FakeModelRunner } from '../../fakes/fake-model-runner.ts'
import { MemoryDisk } from '../../fakes/memory-disk.ts'
import { MemorySftpServer } from '../../fakes/memory-sftp.ts'
import { settle, VirtualClock } from '../../fakes/virtual-clock.ts'

/** A runner whose every run answers at once. */
const answering = (): ModelRunner => {
  const runner = new FakeModelRunner()
  return {
    async startWorker(models, signal) {
      const worker = await runner.startWorker(models, signal)
      return {
        models: worker.models,
        run: (task) => {
          const answer = worker.run(task)
          runner.running.forEach((run) => run.answer())
          return answer
        },
        close: () => worker.close(),
      }
    },
  }
}

interface Opening {
  readonly cameraId: string
  readonly size: PictureSize
  succeed(): void
  fail(error: Error): void
}

const start = async (text = smallConfig, changes: Partial<CheckWorld> = {}) => {
  const config = await configOf(text, secretsOf())
  const openings: Opening[] = []
  const interruption = new AbortController()
  const server = new MemorySftpServer()
  const world: CheckWorld = {
    random: () => 0.5,
    videoSource: ({ id }, size) => ({
      open: (_sink, signal) =>
        new Promise<VideoStream>((resolve, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason as Error))
          openings.push({
            cameraId: id,
            size,
            succeed: () => resolve({ rate: 25, sourceSize: size, ended: new Promise(() => undefined) }),
            fail: reject,
          })
        }),
      released: () => Promise.resolve(),
    }),
    modelRunner: answering(),
    sftpConnector: server,
    keylessSftpConnector: Object.assign(new MemorySftpServer(), {
      connectError: new SftpUnreachableError('belay@memory:22', 'busy'),
    }),
    existingFolder: config.dataFolder,
    disk: new MemoryDisk(),
    expectWritable: () => Promise.resolve(),
    manifestVersion: () => Promise.resolve(undefined),
    address: {
      host: '127.0.0.1',
      port: 5000,
      take: () => Promise.resolve(),
      holder: () => Promise.resolve('another program' as const),
      isRunning: () => Promise.resolve(false),
    },
    ...changes,
  }
  const lines = checkEverything(config, world, new Loose(), { clock: new VirtualClock(), signal: interruption.signal })
  await settle(200)
  return { openings, interruption, lines, server }
}

/** `name outcome`, line by line. */
const outcomes = async (lines: ReturnType<typeof checkEverything>) =>
  (await lines).map(({ name, outcome }) => `${name} ${outcome}`)

describe('a configuration in which all is well', () => {
  it('has a line for each part, in the order of the data’s way', async () => {
    const { openings, lines, server } = await start()
    openings.forEach((opening) => opening.succeed())
    expect((await lines).map(({ name, what, outcome }) => `${name} ${what} ${outcome}`)).toEqual([
      'dock-1 camera ok',
      'particles model ok',
      'data folder ok',
      'sftp server ok',
      'http address ok',
    ])
    expect(server.tree()).toEqual({})
  })
})

describe('a part that fails', () => {
  it.each([
    {
      part: 'the model',
      changes: {
        modelRunner: { startWorker: () => Promise.reject(new ModelRefusedError('particles', '/p.onnx', 'no')) },
      },
      failed: 'particles failed',
    },
    {
      part: 'the server',
      changes: {
        sftpConnector: Object.assign(new MemorySftpServer(), {
          connectError: new SftpUnreachableError('memory', 'no'),
        }),
      },
      failed: 'sftp failed',
    },
    {
      part: 'the data folder',
      changes: { disk: Object.assign(new MemoryDisk(), { onCall: () => ({ fail: 'EROFS' }) }) },
      failed: 'data failed',
    },
    {
      part: 'what a run by hand has left in the data folder',
      changes: {
        expectWritable: async (names: readonly string[]) => {
          const roots = ['manifest.sqlite', 'manifest.pid', 'open', 'dock-1', 'dock-1/model']
          if (roots.every((name) => names.includes(name))) throw new DiskError('access', 'manifest.sqlite', 'EACCES')
        },
      },
      failed: 'data failed',
    },
    {
      part: 'a manifest of a newer Belay',
      changes: { manifestVersion: () => Promise.reject(new ManifestTooNewError('/manifest.sqlite', 9, 1)) },
      failed: 'data failed',
    },
    {
      part: 'the address',
      changes: {
        address: {
          host: '127.0.0.1',
          port: 5000,
          take: () => Promise.reject(new HttpPortTakenError('127.0.0.1', 5000)),
          holder: () => Promise.resolve('another program' as const),
          isRunning: () => Promise.resolve(false),
        },
      },
      failed: 'http failed',
    },
    {
      part: 'our own code',
      changes: { modelRunner: { startWorker: () => Promise.reject(new TypeError('a bug')) } },
      failed: 'particles failed',
    },
  ])('stops no other: $part', async ({ changes, failed }) => {
    const { openings, lines } = await start(smallConfig, changes)
    openings.forEach((opening) => opening.succeed())
    const all = ['dock-1 ok', 'particles ok', 'data ok', 'sftp ok', 'http ok']
    expect(await outcomes(lines)).toEqual(
      all.map((line) => (line.split(' ')[0] === failed.split(' ')[0] ? failed : line)),
    )
  })

  it('stops no other: a camera', async () => {
    const more = "- id: dock-2\n    source: { type: rtsp, url: 'rtsp://10.0.0.6/s' }\n    detect: { model: particles }"
    const { openings, lines } = await start(smallConfigWith('- id: dock-1', `${more}\n  - id: dock-1`))
    openings[0]?.fail(new CameraPathError(cameraId('dock-2'), 'no'))
    openings[1]?.succeed()
    expect((await outcomes(lines)).slice(0, 2)).toEqual(['dock-2 failed', 'dock-1 ok'])
  })
})

describe('what has to be writable in the data folder', () => {
  it.each([
    { source: "{ type: http, url: 'http://10.0.0.6/belt.mp4' }", has: true },
    { source: "{ type: rtsp, url: 'rtsp://10.0.0.6/s' }", has: false },
  ])('has the folder of downloads where a camera downloads: $source', async ({ source, has }) => {
    let asked: readonly string[] = []
    const expectWritable = async (names: readonly string[]) => void (asked = names)
    const more = `- id: dock-2\n    source: ${source}\n    detect: { model: particles }`
    const text = smallConfigWith('- id: dock-1', `${more}\n  - id: dock-1`)
    const { openings, lines } = await start(text, { expectWritable })
    openings.forEach((opening) => opening.succeed())
    await lines
    expect(asked.includes('cache')).toBe(has)
  })
})

describe('the size of a camera’s pictures', () => {
  const withInput = (width: number): ModelRunner => ({
    async startWorker(specs, signal) {
      const worker = await answering().startWorker(specs, signal)
      return { ...worker, models: worker.models.map((model) => ({ ...model, input: { width, height: 256 } })) }
    },
  })
  const refusing: ModelRunner = {
    startWorker: () => Promise.reject(new ModelRefusedError('particles', '/p.onnx', 'no')),
  }
  const own = smallConfigWith('detect: {', 'picture: 320x240\n    detect: {')

  it.each([
    { whose: 'its own', text: own, runner: withInput(416), size: { width: 320, height: 240 } },
    { whose: 'that of its model', text: smallConfig, runner: withInput(416), size: { width: 416, height: 256 } },
    { whose: 'any, without its model', text: smallConfig, runner: refusing, size: { width: 640, height: 640 } },
  ])('is $whose', async ({ text, runner, size }) => {
    const { openings } = await start(text, { modelRunner: runner })
    expect(openings.map((opening) => opening.size)).toEqual([size])
  })
})

describe('many cameras', () => {
  const camera = (number: number) =>
    `  - id: dock-${number}\n    source: { type: rtsp, url: 'rtsp://10.0.0.6/s' }\n    detect: { model: particles }\n`
  const nine = smallConfigWith('cameras:\n', `cameras:\n${[2, 3, 4, 5, 6, 7, 8, 9].map(camera).join('')}`)

  it('are tried four at a time, all of them, and keep their order', async () => {
    const { openings, lines } = await start(nine)
    expect(openings.map(({ cameraId }) => cameraId)).toEqual(['dock-2', 'dock-3', 'dock-4', 'dock-5'])
    openings[3]?.succeed()
    await settle(100)
    expect(openings.map(({ cameraId }) => cameraId)).toEqual(['dock-2', 'dock-3', 'dock-4', 'dock-5', 'dock-6'])
    for (let at = 0; at < 9; at++) {
      openings[at]?.succeed()
      await settle(100)
    }
    expect((await outcomes(lines)).slice(0, 9)).toEqual(
      [2, 3, 4, 5, 6, 7, 8, 9, 1].map((number) => `dock-${number} ok`),
    )
  })

  it('are all let go of when it is interrupted, and those that wait are not tried', async () => {
    const { openings, interruption, lines } = await start(nine)
    interruption.abort(new Error('SIGINT'))
    expect((await outcomes(lines)).filter((line) => line.startsWith('dock'))).toEqual(
      [2, 3, 4, 5, 6, 7, 8, 9, 1].map((number) => `dock-${number} interrupted`),
    )
    expect(openings).toHaveLength(4)
  })
})
