/** A thread that makes JPEGs of inspected pictures, one at a time. */
import { parentPort } from 'node:worker_threads'
import sharp from 'sharp'
import { milliseconds } from '../domain/units.ts'
import type { PreviewReply, PreviewRequest } from './preview-protocol.ts'
import { drawBoxes } from './preview/draw-boxes.ts'

if (parentPort === null) throw new Error('Previews are made in a worker thread, not in a program of their own')

// One processor at most, and nothing kept: a preview is not what the machine is for.
sharp.concurrency(1)
sharp.cache(false)

const port = parentPort
port.on('message', (request: PreviewRequest) => void answer(request))

async function answer(request: PreviewRequest): Promise<void> {
  const startedAt = performance.now()
  let reply: PreviewReply
  try {
    const jpeg = await encode(request)
    reply = { type: 'encoded', jpeg, elapsed: milliseconds(performance.now() - startedAt) }
  } catch (error) {
    reply = { type: 'failed', detail: error instanceof Error ? error.message : String(error) }
  }
  port.postMessage(reply)
}

async function encode({ planes, size, boxes, region, shown }: PreviewRequest): Promise<Uint8Array<ArrayBuffer>> {
  drawBoxes(planes, size, boxes)
  const raw = { ...size, channels: 1 } as const
  const count = size.width * size.height
  const plane = (index: number) => Buffer.from(planes.buffer, planes.byteOffset + index * count, count)
  const joined = sharp(plane(0), { raw })
    .joinChannel([plane(1), plane(2)], { raw })
    .toColourspace('srgb')
  // By itself: in one pipeline planes are joined last, after the first was cut and scaled.
  const colours = await joined.raw().toBuffer()
  const jpeg = await sharp(colours, { raw: { ...size, channels: 3 } })
    .extract({ left: region.x, top: region.y, width: region.width, height: region.height })
    .resize({ ...shown, fit: 'fill' })
    // Full colour at every pixel: thin lines of colour would be washed out otherwise.
    .jpeg({ quality: 80, chromaSubsampling: '4:4:4' })
    .toBuffer()
  // Memory of its own: a small buffer may be part of Node's pool.
  return Uint8Array.from(jpeg)
}
