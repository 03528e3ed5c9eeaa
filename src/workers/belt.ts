/** A thread that draws the synthetic belt into shared memory, one frame per request. */
import { parentPort, workerData } from 'node:worker_threads'
import { bytesPerPicture } from '../domain/frame.ts'
import { createCutter } from './belt/cut.ts'
import type { BeltReply, BeltRequest, BeltThreadData } from './belt-protocol.ts'
import { createBelt } from './belt/scene.ts'

if (parentPort === null) throw new Error('The belt runs as a worker thread, not as a program of its own')

const port = parentPort
const { cut, ...options } = workerData as BeltThreadData
const belt = createBelt(options)
const whole = new Uint8Array(cut === undefined ? 0 : bytesPerPicture(options))
const cutOut = cut && createCutter(options, cut)

port.on('message', (request: BeltRequest) => {
  const target = new Uint8Array(request.buffer, request.byteOffset, request.byteLength)
  const truth = belt.draw(request.frame, cutOut === undefined ? target : whole)
  cutOut?.(whole, target)
  const reply: BeltReply = { type: 'drawn', frame: request.frame, truth }
  port.postMessage(reply)
})
