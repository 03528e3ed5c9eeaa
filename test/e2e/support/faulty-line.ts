import { appendFile, mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { hashToken } from '../../../src/adapters/http/token-hash.ts'
import type { FileList } from '../../../src/inspection-feed/file-protocol.ts'
import type { DaemonState } from '../../../src/inspection-feed/protocol.ts'
import { eventually } from '../../support/eventually.ts'
import { makeModel } from '../../workers/inference/support.ts'
import { type RunningDaemon, startDaemon } from './daemon.ts'
import { builtinModels, losslessBelt, rtspCamera, type Site } from './site.ts'

export interface FaultyLine {
  readonly daemon: RunningDaemon
  /** Where the page is for who may look and operate. */
  readonly address: string
  readonly token: string
}

const token = 'may-operate'
/** A classifier that would say the same of every picture. */
const hangs = makeModel(
  (graph) => {
    const nothing = graph.op('Mul', [graph.op('ReduceMax', ['hangs'], { keepdims: { int: 0 } }), graph.floats(0)])
    return graph.op('Add', [graph.floats([0.5, 0.25, 0.25], [1, 3]), nothing])
  },
  { input: { name: 'hangs', dims: [1, 3, 8, 8] }, outputDims: [1, 3] },
)
const breakLine = new URL('break-line.mjs', import.meta.url).href

/**
 * A line on which much has gone wrong, each part differently: `dock-1` and `belt-1` work; `dock-2` was lost and is away; `dock-3` has a bug and has
 * crashed too often; `slow` has taken a worker that hangs, and was paused. The server has a file of another content under a name of ours, one of ours
 * was changed after it was sealed, and then it went away: the others wait.
 */
export async function startFaultyLine(site: Site): Promise<FaultyLine> {
  const [dock1, dock2] = [await site.camera(), await site.camera()]
  const model = join(site.folder, 'hangs.onnx')
  await writeFile(model, hangs)
  const file = await site.configure(
    [
      rtspCamera('dock-1', dock1.url),
      rtspCamera('dock-2', dock2.url),
      '{ id: dock-3, source: { type: synthetic, seed: 13 }, picture: 320x240, classify: { model: belt-state } }',
      losslessBelt('belt-1', 5),
      '{ id: slow, source: { type: synthetic, seed: 5, rate: 0.1 }, picture: 64x64, classify: { model: hangs } }',
    ],
    {
      http: `{ port: 0, operateTokenHash: '${await hashToken(token, 10)}' }`,
      inference: '{ workers: 2, deadline: 3s, wedgedLimit: 3 }',
      models: `{ ${builtinModels}, hangs: { kind: classify, file: ${model}, labels: [a, b, c] } }`,
    },
  )
  const daemon = startDaemon(file, { NODE_OPTIONS: `--import=${breakLine}` }, [], token)
  await daemon.until('a worker hangs', ({ inference }) => inference.workers.wedged === 1)
  await pause(daemon, 'slow')
  await daemon.until('files are delivered, and dock-3 has crashed', (state) => {
    return state.uploader.files.delivered >= 5 && stateOf(state, 'dock-3') === 'crashed'
  })
  await dock2.refuse(true)
  dock2.drop()
  await site.sshd.kill()
  const awaySince = Date.now()
  await daemon.until('files wait', ({ uploader }) => uploader.files.pending >= 4)
  // What was under way when the server went may have arrived there, unanswered: it would be adopted, whatever became of ours.
  const [changed, taken] = await eventually('two files that were not under way', async () => {
    const [first, second] = (await waiting(daemon)).filter(({ sealedAt }) => sealedAt > awaySince)
    return first && second && ([first.path, second.path] as const)
  })
  await appendFile(join(site.data, changed), 'a row that nobody wrote\n')
  await mkdir(dirname(join(site.delivered, taken)), { recursive: true })
  await writeFile(join(site.delivered, taken), 'of somebody else\n')
  await site.sshd.restart()
  await daemon.until('they are set aside', ({ uploader: { files } }) => files.conflict >= 1 && files.refused >= 1)
  await site.sshd.kill()
  await daemon.until('others wait', (state) => {
    const isAway = stateOf(state, 'dock-2') === 'backingOff'
    return isAway && state.uploader.files.pending >= 3 && !state.uploader.connected
  })
  return { daemon, token, address: `${daemon.url()}/?token=${token}` }
}

const stateOf = ({ actors }: DaemonState, camera: string): string | undefined =>
  actors.find(({ path }) => path === `root/cameras/${camera}`)?.state

async function pause(daemon: RunningDaemon, id: string): Promise<void> {
  const answer = await fetch(`${daemon.url()}/api/cameras/${id}/pause`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ confirm: id }),
  })
  if (!answer.ok) throw new Error(`Camera ${id} cannot be paused: ${await answer.text()}`)
}

async function waiting(daemon: RunningDaemon): Promise<FileList['files']> {
  const answer = await fetch(`${daemon.url()}/api/files?state=pending`, {
    headers: { authorization: `Bearer ${token}` },
  })
  return ((await answer.json()) as FileList).files
}
