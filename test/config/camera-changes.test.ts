import { describe, expect, it } from 'vitest'
import {
  type CameraChanges,
  cameraChanges,
  keysForNextStart,
  modelsNotLoaded,
} from '../../src/config/camera-changes.ts'
import { configOf, secretsOf, smallConfig, smallConfigWith } from './small-config.ts'

const dock = `  - id: dock-1
    source: { type: rtsp, url: 'rtsp://10.0.0.5/s' }
    detect: { model: particles }
`
const twin = (id: string) => dock.replace('dock-1', id)

/** What becomes of the small configuration's `dock-1` and `dock-2` when their text becomes `next`. */
async function changesTo(next: string): Promise<CameraChanges> {
  const cameras = async (text: string) => (await configOf(smallConfigWith(dock, text))).cameras
  return cameraChanges(await cameras(dock + twin('dock-2')), await cameras(next))
}

const idsOf = ({ added, removed, changed, unchanged, cameras, changedKeys }: CameraChanges) => ({
  added: added.map(({ id }) => id),
  removed: removed.map(({ id }) => id),
  changed: changed.map(({ id }) => id),
  unchanged: unchanged.map(({ id }) => id),
  cameras: cameras.map(({ id }) => id),
  changedKeys,
})

const nothing = { added: [], removed: [], changed: [], unchanged: [], changedKeys: [] }

describe('the cameras of a new configuration', () => {
  it('are unchanged where they say the same, in whatever order and words', async () => {
    const same =
      twin('dock-2') +
      dock.replace("{ type: rtsp, url: 'rtsp://10.0.0.5/s' }", '{ url: rtsp://10.0.0.5/s, type: rtsp, transport: tcp }')
    expect(idsOf(await changesTo(same))).toEqual({
      ...nothing,
      unchanged: ['dock-2', 'dock-1'],
      cameras: ['dock-2', 'dock-1'],
    })
  })

  it('are added, removed and changed by their ids', async () => {
    const next = twin('dock-3') + twin('dock-2').replace('detect', 'fps: 5\n    detect').replace('/s', '/t')
    expect(idsOf(await changesTo(next))).toEqual({
      added: ['dock-3'],
      removed: ['dock-1'],
      changed: ['dock-2'],
      unchanged: [],
      cameras: ['dock-3', 'dock-2'],
      changedKeys: ['dock-2.source', 'dock-2.fps'],
    })
  })

  it('keep the very objects of those that run, and take the new ones of those that change', async () => {
    const running = (await configOf(smallConfigWith(dock, dock + twin('dock-2')))).cameras
    const next = (await configOf(smallConfigWith(dock, dock + twin('dock-2').replace('/s', '/t')))).cameras
    const { cameras, unchanged, changed } = cameraChanges(running, next)
    expect(cameras[0]).toBe(running[0])
    expect(unchanged[0]).toBe(running[0])
    expect(cameras[1]).toBe(next[1])
    expect(changed[0]).toBe(next[1])
  })

  it('are changed by another password, and not by another place that holds the same', async () => {
    const secured = (key: string) => dock.replace("/s' }", `/s', username: viewer, ${key} }`)
    const reader = secretsOf({ '/etc/belay/p': 'one\n' }, { SFTP_PASSWORD: 'x', CAMERA_PASSWORD: 'one', OTHER: 'two' })
    const cameras = async (key: string) => (await configOf(smallConfigWith(dock, secured(key)), reader)).cameras
    const running = await cameras('passwordEnv: CAMERA_PASSWORD')
    expect(idsOf(cameraChanges(running, await cameras('passwordFile: p'))).changed).toEqual([])
    expect(idsOf(cameraChanges(running, await cameras('passwordEnv: OTHER'))).changedKeys).toEqual(['dock-1.source'])
  })
})

describe('a camera that is to begin', () => {
  const second = "  second: { kind: detect, file: 'builtin:belt-particles', labels: [a] }\n"
  const withSecond = (text: string) => text.replace('sftp:', `${second}sftp:`)
  const wants = (model: string) => smallConfig.replace('model: particles', `model: ${model}`)
  const refusals = async (before: string, after: string) => {
    const [running, next] = [await configOf(before), await configOf(after)]
    return modelsNotLoaded(cameraChanges(running.cameras, next.cameras), running.models, next.models)
  }

  it('may use a model that is loaded', async () => {
    expect(await refusals(withSecond(smallConfig), withSecond(wants('second')))).toEqual([])
  })

  it('is refused a model that is not', async () => {
    expect(await refusals(smallConfig, withSecond(wants('second')))).toEqual([
      'camera dock-1: its model second is not loaded; models are loaded when Belay starts',
    ])
  })

  it('is refused a model that is described otherwise than the loaded one', async () => {
    expect(await refusals(withSecond(smallConfig), withSecond(wants('second')).replace('[a]', '[b]'))).toEqual([
      'camera dock-1: its model second is loaded from another description; models are loaded when Belay starts',
    ])
  })

  it('is none that is unchanged: it goes on with the model that it has', async () => {
    expect(await refusals(smallConfig, smallConfig.replace('belt-particles', 'belt-state'))).toEqual([])
  })
})

describe('what takes effect at the next start', () => {
  const keysTo = async (next: string, environment?: Record<string, string>) =>
    keysForNextStart(await configOf(smallConfig), await configOf(next, secretsOf({}, environment)))

  it('is nothing where only cameras differ', async () => {
    expect(await keysTo(smallConfig.replace('dock-1', 'dock-2'))).toEqual([])
  })

  it('is named by the keys of the file', async () => {
    const next = smallConfig
      .replace('sftp.example.com', 'other.example.com')
      .replace('models:', "models:\n  second: { kind: detect, file: 'builtin:belt-particles' }")
    expect(await keysTo(`${next}data: /elsewhere\ncsv: { rotation: { rows: 5 } }\n`)).toEqual([
      'data',
      'models.second',
      'csv.rotation',
      'sftp.host',
    ])
  })

  it.each([
    ['inference', 'inference: { workers: 3 }', 'inference.workers'],
    ['disk', 'disk: { reserve: 200B }', 'disk.reserve'],
    ['backups', 'backups: { keep: 9 }', 'backups.keep'],
    ['http', 'http: { port: 5999 }', 'http.port'],
    ['log', 'log: { level: debug }', 'log.level'],
    ['process', 'process: { memory: 900MB }', 'process.memory'],
    ['stop', 'stop: { uploader: 9s }', 'stop.uploader'],
    ['stop, where another one follows from it,', 'stop: { budget: 90s }', 'stop.budget'],
  ])('is named in the section %s', async (_, text, key) => {
    expect(await keysTo(`${smallConfig}${text}\n`)).toEqual([key])
  })

  it('is named where only a secret differs', async () => {
    expect(await keysTo(smallConfig, { SFTP_PASSWORD: 'hunter3' })).toEqual(['sftp.passwordEnv'])
  })
})
