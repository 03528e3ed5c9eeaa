import { type AnyActorRef, createActor, fromPromise } from 'xstate'
import { describe, expect, it } from 'vitest'
import type { CameraConfig } from '../../src/config/config.ts'
import { cameraId } from '../../src/domain/ids.ts'
import { IllegalFileStateError } from '../../src/domain/illegal-file-state-error.ts'
import { ManifestFailedError } from '../../src/domain/manifest-errors.ts'
import { epochMs, seconds } from '../../src/domain/units.ts'
import { cameraMachine, type StreamBegan } from '../../src/machines/camera-machine.ts'
import type { OperatorAsked } from '../../src/inspection-feed/record.ts'
import type { Log } from '../../src/ports/log.ts'
import { createOperator } from '../../src/slots/operator.ts'
import { createSupervisor, run } from '../../src/supervision/index.ts'
import { scriptedEvents } from '../fakes/scripted-events.ts'
import { MemoryManifest } from '../fakes/memory-manifest.ts'
import { settle, VirtualClock } from '../fakes/virtual-clock.ts'

const dock = cameraId('dock-1')

/** Two cameras under their supervisor, and an operator (of `supervisor`, if given); what the second one's stream leaves behind is held until `release`. */
async function startCameras(supervisor?: AnyActorRef) {
  const clock = new VirtualClock()
  const said: string[] = []
  const logAt = (path: string): Log => {
    const say = (fact: string, fields = {}) => void said.push(`${path} ${fact} ${JSON.stringify(fields)}`)
    // What is said at a level may be left out by the configuration.
    const unsaid = () => undefined
    return { debug: unsaid, info: unsaid, warn: unsaid, error: unsaid, always: say, at: logAt }
  }
  let release = (): void => {}
  let disposed: Promise<void> | undefined
  const stream = scriptedEvents<StreamBegan, string>()
  const epochs: number[] = []
  const cameras = createActor(
    createSupervisor({
      concurrent: true,
      clock,
      children: ['dock-1', 'dock-2'].map((id) => ({
        id,
        shutdown: seconds(5),
        start(incarnation) {
          if (id === 'dock-1') epochs.push(incarnation.epoch)
          incarnation.defer(() => disposed)
          return run(
            cameraMachine.provide({
              actors: {
                frameStream: stream.logic,
                streamReleased: fromPromise(() =>
                  id === 'dock-1' ? Promise.resolve() : new Promise<void>((resolve) => (release = resolve)),
                ),
              },
              delays: { reconnectDelay: 5000 },
            }),
            {
              cameraId: cameraId(id),
              connectTimeout: seconds(15),
              lastFault: () => undefined,
              noPictureAdvice: 'Look',
            },
          )
        },
      })),
    }),
    { id: 'cameras', clock },
  )
  const configured = new Map<string, CameraConfig>(['dock-1', 'dock-2'].map((id) => [id, { id } as CameraConfig]))
  let stops = 0
  const recorded: ({ readonly path: string } & OperatorAsked)[] = []
  let resent = 0
  const manifest = new MemoryManifest()
  let isOpen = true
  const operate = createOperator({
    cameras: () => supervisor ?? cameras,
    configured: (id) => configured.get(id),
    stop: () => stops++,
    clock,
    log: logAt('root'),
    manifest: () => (isOpen ? manifest : undefined),
    onResent: () => resent++,
    onAsked: (path, asked) => void recorded.push({ path, ...asked }),
    restartWithin: seconds(10),
  })
  cameras.start()
  await settle()
  const stateOf = (id: string) =>
    (
      cameras
        .getSnapshot()
        .children.find((child) => child.id === id)
        ?.ref?.getSnapshot() as { value: unknown }
    ).value
  return {
    clock,
    cameras,
    configured,
    operate,
    said,
    recorded,
    epochs,
    stateOf,
    stops: () => stops,
    manifest,
    closeManifest: () => (isOpen = false),
    resent: () => resent,
    release: () => release(),
    /** A bug in the second camera, which has not let go of everything before it is told to. */
    crash: async () => {
      let letGo = (): void => {}
      disposed = new Promise((resolve) => (letGo = resolve))
      await stream.fail(new Error('boom'))
      return letGo
    },
  }
}

describe('an operator', () => {
  it('pauses one camera and resumes it, and is named in the log', async () => {
    const { operate, stateOf, said } = await startCameras()
    const paused = await operate({ type: 'camera.pause', cameraId: dock }, '10.0.0.9')
    expect(paused).toEqual({ done: true, words: 'Camera dock-1 is paused until it is resumed' })
    expect([stateOf('dock-1'), stateOf('dock-2')]).toEqual(['paused', { online: 'connecting' }])
    expect((await operate({ type: 'camera.resume', cameraId: dock }, '10.0.0.9')).done).toBe(true)
    expect(stateOf('dock-1')).toEqual({ online: 'connecting' })
    expect(said).toEqual([
      'root/cameras/dock-1 operator {"command":"camera.pause","by":"10.0.0.9"}',
      'root/cameras/dock-1 operator {"command":"camera.resume","by":"10.0.0.9"}',
    ])
  })

  it('is told why a camera cannot be paused or resumed, and so are the log and the records', async () => {
    const { operate, said, recorded } = await startCameras()
    const answer = await operate({ type: 'camera.resume', cameraId: dock }, '10.0.0.9')
    expect(answer).toEqual({ done: false, cause: 'refused', words: 'Camera dock-1 is connecting' })
    expect(said.at(-1)).toBe(
      'root/cameras/dock-1 operator refused {"command":"camera.resume","by":"10.0.0.9","why":"Camera dock-1 is connecting"}',
    )
    expect(recorded).toEqual([
      {
        ...{ path: 'root/cameras/dock-1', type: 'operator.asked', command: 'camera.resume', by: '10.0.0.9' },
        ...{ outcome: 'refused', words: 'Camera dock-1 is connecting' },
      },
    ])
  })

  it.each(['camera.pause', 'camera.resume'] as const)(
    'is told that a camera does not run which has crashed and still lets go of what it held: %s',
    async (type) => {
      const { operate, crash, cameras } = await startCameras()
      const letGo = await crash()
      expect(await operate({ type, cameraId: cameraId('dock-2') }, 'me')).toEqual({
        done: false,
        cause: 'refused',
        words: 'Camera dock-2 does not run; restart it instead',
      })
      letGo()
      await settle()
      expect(cameras.getSnapshot().children.map(({ id, epoch }) => [id, epoch])).toEqual([
        ['dock-1', 1],
        ['dock-2', 2],
      ])
    },
  )

  it('starts a camera afresh, in whatever state it is, as a new incarnation', async () => {
    const { operate, stateOf, epochs } = await startCameras()
    await operate({ type: 'camera.pause', cameraId: dock }, 'me')
    expect(await operate({ type: 'camera.restart', cameraId: dock }, 'me')).toEqual({
      done: true,
      words: 'Camera dock-1 was started afresh',
    })
    expect(stateOf('dock-1')).toEqual({ online: 'connecting' })
    expect(epochs).toEqual([1, 2])
  })

  it('waits until the old incarnation has let go of everything', async () => {
    const { operate, release } = await startCameras()
    let answered = false
    const answer = operate({ type: 'camera.restart', cameraId: cameraId('dock-2') }, 'me')
    void answer.then(() => (answered = true))
    await settle()
    expect(answered).toBe(false)
    release()
    expect((await answer).done).toBe(true)
  })

  it('is told that there is no such camera', async () => {
    const { operate } = await startCameras()
    expect(await operate({ type: 'camera.pause', cameraId: cameraId('dock-9') }, 'me')).toEqual({
      done: false,
      cause: 'unknown',
      words: 'There is no camera dock-9',
    })
  })

  it('is told that there is no such camera of one that a reload is removing', async () => {
    const { operate, configured } = await startCameras()
    configured.delete('dock-1')
    expect(await operate({ type: 'camera.restart', cameraId: dock }, 'me')).toMatchObject({ cause: 'unknown' })
  })

  it('starts no camera again that a reload has changed or removed while it ended', async () => {
    const { operate, configured, release, cameras } = await startCameras()
    const answer = operate({ type: 'camera.restart', cameraId: cameraId('dock-2') }, 'me')
    await settle()
    configured.set('dock-2', { id: 'dock-2' } as CameraConfig)
    release()
    expect(await answer).toEqual({
      done: false,
      cause: 'refused',
      words: 'Camera dock-2 was removed or changed meanwhile',
    })
    expect(cameras.getSnapshot().children.map(({ id, state }) => [id, state])).toEqual([
      ['dock-1', 'running'],
      ['dock-2', 'terminated'],
    ])
  })

  it('changes nothing while the cameras stop', async () => {
    const { operate, cameras } = await startCameras()
    cameras.send({ type: 'drain' })
    expect(await operate({ type: 'camera.restart', cameraId: dock }, 'me')).toEqual({
      done: false,
      cause: 'refused',
      words: 'The cameras do not run',
    })
  })

  it('is answered also when a stop comes in between', async () => {
    const { operate, cameras, clock, release } = await startCameras()
    const answer = operate({ type: 'camera.restart', cameraId: cameraId('dock-2') }, 'me')
    await settle()
    cameras.send({ type: 'drain' })
    release()
    await clock.advanceAsync(0)
    expect((await answer).done).toBe(false)
    expect(clock.pending).toBe(0)
  })

  it('is answered at once, and no timer is left, where the cameras’ supervisor ends without an answer', async () => {
    let end = (): void => undefined
    const deaf = {
      getSnapshot: () => ({ status: 'active', value: 'running', children: [{ id: 'dock-1' }] }),
      send: () => undefined,
      subscribe: ({ complete }: { complete: () => void }) => {
        end = complete
        return { unsubscribe: () => undefined }
      },
    }
    const { operate, clock } = await startCameras(deaf as unknown as AnyActorRef)
    const pending = clock.pending
    const answer = operate({ type: 'camera.restart', cameraId: dock }, 'me')
    expect(clock.pending).toBe(pending + 1)
    end()
    expect(clock.pending).toBe(pending)
    expect(await answer).toMatchObject({ cause: 'refused', words: 'Camera dock-1 cannot be stopped now: no answer' })
  })

  it('is answered at once, and no timer is left, where that supervisor has been stopped by somebody else', async () => {
    const stopped = { getSnapshot: () => ({ status: 'stopped', value: 'running', children: [{ id: 'dock-1' }] }) }
    const { operate, clock } = await startCameras(stopped as unknown as AnyActorRef)
    const pending = clock.pending
    expect(await operate({ type: 'camera.restart', cameraId: dock }, 'me')).toMatchObject({ cause: 'refused' })
    expect(clock.pending).toBe(pending)
  })

  it('stops everything', async () => {
    const { operate, stops, said, recorded } = await startCameras()
    expect((await operate({ type: 'daemon.stop' }, 'me')).done).toBe(true)
    expect(stops()).toBe(1)
    expect(said).toEqual(['root operator {"command":"daemon.stop","by":"me"}'])
    expect(recorded).toEqual([
      {
        ...{ path: 'root', type: 'operator.asked', command: 'daemon.stop', by: 'me', outcome: 'done' },
        words: 'Everything drains, and Belay ends',
      },
    ])
  })
})

describe('an operator who asks for a file to be sent again', () => {
  const sealed = { path: 'dock-1/model/a.csv', bytes: 10, sha256: 'aa', rows: 1, priority: 5 }

  it('takes a dead letter in: it is due at once, the uploader is told, and the history and the records say who asked', async () => {
    const { operate, manifest, resent, said, recorded } = await startCameras()
    await manifest.add(sealed, epochMs(1))
    await manifest.claim(1, epochMs(2))
    await manifest.deadLetter(1, 'failed ten times', epochMs(3))
    expect(await operate({ type: 'file.retry', fileId: 1 }, '10.0.0.9')).toEqual({
      done: true,
      words: 'File 1 is due at once',
    })
    expect(manifest.file(sealed.path)).toMatchObject({ state: 'pending', dueAt: 0, attempts: 0 })
    expect((await manifest.history(1)).at(-1)?.why).toBe('asked for by an operator at 10.0.0.9')
    expect(resent()).toBe(1)
    expect(said).toEqual(['root/uploader operator {"command":"file.retry","file":1,"by":"10.0.0.9"}'])
    expect(recorded).toEqual([
      {
        ...{ path: 'root/uploader', type: 'operator.asked', command: 'file.retry', by: '10.0.0.9', outcome: 'done' },
        ...{ words: 'File 1 is due at once', file: sealed.path },
      },
    ])
  })

  it('is told why not, of one that is in hand and of one that there is not', async () => {
    const { operate, manifest, resent } = await startCameras()
    await manifest.add(sealed, epochMs(1))
    await manifest.claim(1, epochMs(2))
    expect(await operate({ type: 'file.retry', fileId: 1 }, 'me')).toEqual({
      done: false,
      cause: 'refused',
      words: 'dock-1/model/a.csv is sending, and cannot be sent again from there',
    })
    expect(await operate({ type: 'file.retry', fileId: 2 }, 'me')).toMatchObject({ done: false, cause: 'unknown' })
    expect(resent()).toBe(0)
  })

  it('is told of one that was packed in which archive it is', async () => {
    const { operate, manifest, recorded } = await startCameras()
    await manifest.add(sealed, epochMs(1), 'held')
    await manifest.pack([sealed.path], { ...sealed, path: 'dock-1/model/a.tar.gz' }, epochMs(2))
    const words = `${sealed.path} is packed (in dock-1/model/a.tar.gz), and cannot be sent again from there`
    expect(await operate({ type: 'file.retry', fileId: 1 }, 'me')).toEqual({ done: false, cause: 'refused', words })
    expect(recorded).toMatchObject([{ outcome: 'refused', words, file: sealed.path }])
  })

  it('is refused with the manifest’s own words where it fails, also while it says what the file is', async () => {
    const { operate, manifest, resent } = await startCameras()
    await manifest.add(sealed, epochMs(1))
    await manifest.claim(1, epochMs(2))
    const failure = new ManifestFailedError('/data/manifest.sqlite', 'select', 'SQLITE_IOERR')
    manifest.resend = async () => {
      manifest.files = () => Promise.reject(failure)
      throw new IllegalFileStateError(sealed.path, 'sent again', 'sending')
    }
    const answer = { done: false, cause: 'refused', words: failure.message }
    expect(await operate({ type: 'file.retry', fileId: 1 }, 'me')).toEqual(answer)
    expect(await operate({ type: 'file.retry', fileId: 1 }, 'me')).toEqual(answer)
    expect(resent()).toBe(0)
  })

  it('is told to ask again in a few seconds while the manifest is not open', async () => {
    const { operate, closeManifest } = await startCameras()
    closeManifest()
    expect(await operate({ type: 'file.retry', fileId: 1 }, 'me')).toEqual({
      done: false,
      cause: 'refused',
      words: 'The manifest is not open at the moment: it starts, or Belay ends. Ask again in a few seconds',
    })
  })
})
