/** A thread that draws the synthetic belt into shared memory, one frame per request. */
import { parentPort, workerData } from 'node:worker_threads'
import type { BeltReply, BeltRequest, BeltThreadData } from './belt-protocol.ts'
import { createBelt } from './belt-scene.ts'

if (parentPort === null) throw new Error('The belt runs as a worker thread, not as a program of its own')

const port = parentPort
const belt = createBelt(workerData as BeltThreadData)

port.on('message', (request: BeltRequest) => {
  const target = new Uint8Array(request.buffer, request.byteOffset, request.byteLength)
  const reply: BeltReply = { type: 'drawn', frame: request.frame, truth: belt.draw(request.frame, target) }
  port.postMessage(reply)
})
