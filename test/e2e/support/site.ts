import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BeltTruth, createBelt } from '../../../src/workers/belt/scene.ts'
import { csvColumns, type CsvFolder } from '../../../src/domain/csv-row.ts'
import { makeClip } from '../../support/make-clip.ts'
import { startRtspServer, type RtspServer, type RtspServerOptions } from '../../support/rtsp-server.ts'
import { startSshd, type Sshd } from '../../support/sshd.ts'

/** Entries of `models`: both that come with the daemon. */
export const builtinModels = `particles: { kind: detect, file: 'builtin:belt-particles' }, belt-state: { kind: classify, file: 'builtin:belt-state' }`

/** A factory in a temporary folder: a customer's server, cameras, and the configuration that joins them. */
export interface Site {
  readonly folder: string
  /** What the server stores. */
  readonly delivered: string
  readonly data: string
  readonly sshd: Sshd
  camera(options?: Partial<RtspServerOptions>): Promise<RtspServer>
  /** Writes a configuration of these cameras, with `sections` after it or in place of the default ones; resolves with its file. */
  configure(
    cameras: readonly string[],
    sections?: Partial<Record<'models' | 'sftp' | 'csv' | 'stop' | 'inference' | 'log' | 'disk' | 'http', string>>,
  ): Promise<string>
  /** Every row below the server's folder, under final names. */
  deliveredRows(): Promise<Row[]>
  tearDown(): Promise<void>
}

export interface Row {
  readonly file: string
  readonly boot: number
  readonly camera: string
  readonly epoch: number
  readonly frame: number
  readonly detection: number
  readonly folder: CsvFolder
}

/** Writes six seconds of the belt as an H.264 stream. */
async function makeBeltClip(file: string): Promise<string> {
  const size = { width: 320, height: 240 }
  const belt = createBelt({ seed: 41, rate: 15, ...size })
  const draw = (frame: number, pixels: Uint8Array): BeltTruth => belt.draw(frame, pixels)
  await makeClip(file, { size, rate: 15, frames: 90, draw })
  return file
}

export async function createSite(): Promise<Site> {
  const folder = await mkdtemp(join(tmpdir(), 'belay-site-'))
  const delivered = join(folder, 'delivered')
  const data = join(folder, 'data')
  const sshd = await startSshd({ folder: delivered })
  const cameras: RtspServer[] = []
  let clip: Promise<string> | undefined
  return {
    folder,
    delivered,
    data,
    sshd,
    async camera(options = {}) {
      clip ??= makeBeltClip(join(folder, 'belt.h264'))
      const camera = await startRtspServer({ file: await clip, fps: 15, ...options })
      cameras.push(camera)
      return camera
    },
    async configure(given, sections = {}) {
      const file = join(folder, 'belay.yaml')
      const {
        models = `{ ${builtinModels} }`,
        sftp = `{ host: 127.0.0.1, port: ${sshd.port}, username: ${sshd.username}, privateKeyFile: ${sshd.privateKeyFile}, hostKey: { fingerprint: '${sshd.hostKeyFingerprint}' } }`,
        csv = '{ rotation: { interval: 1s } }',
        stop = '{}',
        inference = '{ workers: 1 }',
        log = '{ format: json }',
        disk = '{}',
        http = '{ port: 0 }',
      } = sections
      const text = `
data: ${data}
cameras:
${given.map((camera) => `  - ${camera}`).join('\n')}
models: ${models}
inference: ${inference}
csv: ${csv}
sftp: ${sftp}
http: ${http}
disk: ${disk}
log: ${log}
stop: ${stop}
`
      await writeFile(file, text)
      return file
    },
    deliveredRows: () => rowsBelow(delivered),
    async tearDown() {
      await Promise.all(cameras.map((camera) => camera.close()))
      await sshd.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** A camera's line in the configuration: both models, on a small picture. */
export const rtspCamera = (id: string, url: string, more = ''): string =>
  `{ id: ${id}, source: { type: rtsp, url: '${url}' }, picture: 320x240, detect: { model: particles }, classify: { model: belt-state }${more} }`

/** A drawn camera that loses no frame. */
export const losslessBelt = (id: string, rate = 15): string =>
  `{ id: ${id}, source: { type: synthetic, seed: 5, rate: ${rate}, lossless: true }, picture: 320x240, classify: { model: belt-state } }`

/** Names one row among all that were ever written. */
export const keyOf = ({ boot, camera, epoch, folder, frame, detection }: Row): string =>
  [boot, camera, epoch, folder, frame, detection].join('/')

export async function rowsBelow(folder: string): Promise<Row[]> {
  const names = await readdir(folder, { recursive: true }).catch(() => [])
  const files = names.filter((name) => name.endsWith('.csv')).sort()
  const rows = await Promise.all(files.map(async (file) => rowsOf(file, await readFile(join(folder, file), 'utf8'))))
  return rows.flat()
}

/** Of a file of ours, by what its header says. @throws one is no header or no row of ours. */
export function rowsOf(file: string, text: string): Row[] {
  const [header, ...lines] = text.split(/\r?\n/).filter((line) => line !== '')
  const folders = Object.keys(csvColumns) as CsvFolder[]
  const folder = folders.find((each) => csvColumns[each].join(',') === header)
  if (folder === undefined || !file.includes(folder)) throw new Error(`${file} begins with "${header ?? ''}"`)
  return lines.map((line): Row => {
    const cells = line.split(',')
    if (cells.length !== csvColumns[folder].length) throw new Error(`${file} has the row "${line}"`)
    const [boot, camera = '', epoch, frame, detection] = cells
    const numbers = { boot: Number(boot), epoch: Number(epoch), frame: Number(frame), detection: Number(detection) }
    return { file, folder, camera, ...numbers }
  })
}
