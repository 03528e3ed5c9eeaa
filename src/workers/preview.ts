/** A thread that makes JPEGs of inspected pictures, one at a time. */
import { parentPort } from 'node:worker_threads'
import sharp from 'sharp'
import { bytesPerPicture } from '../domain/frame.ts'
import type { SharedPicture } from '../domain/inference-task.ts'
import { messageOf } from '../domain/message-of.ts'
import { milliseconds } from '../domain/units.ts'
import type { PreviewReply, PreviewRequest } from './preview-protocol.ts'
import { drawBoxes } from './preview/draw-boxes.ts'
import { interleave } from './preview/interleave.ts'

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
    reply = { type: 'failed', detail: messageOf(error) }
  }
  port.postMessage(reply)
}

async function encode({ picture, boxes, region, shown }: PreviewRequest): Promise<Uint8Array<ArrayBuffer>> {
  const { size } = picture
  const pixels = interleave(planesOf(picture), size, region)
  drawBoxes(pixels, region, size, boxes)
  const image = sharp(pixels, { raw: { width: region.width, height: region.height, channels: 3 } })
  // Where nothing is to be scaled, libvips would take a third of the time for that.
  const isAsShown = shown.width === region.width && shown.height === region.height
  const jpeg = await (isAsShown ? image : image.resize({ ...shown, fit: 'fill' }))
    // Full colour at every pixel: thin lines of colour would be washed out otherwise.
    .jpeg({ quality: 80, chromaSubsampling: '4:4:4' })
    .toBuffer()
  // Memory of its own: a small buffer may be part of Node's pool.
  return new Uint8Array(jpeg)
}

const planesOf = ({ buffer, byteOffset, size }: SharedPicture): Uint8Array =>
  new Uint8Array(buffer, byteOffset, bytesPerPicture(size))
