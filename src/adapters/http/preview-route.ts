import type { FastifyInstance } from 'fastify'
import { PreviewError } from '../../domain/http-errors.ts'
import { isoTime } from '../../domain/units.ts'
import type { Previews } from '../preview/previews.ts'
import { refuse } from './guards.ts'

/** `GET /api/cameras/ID/preview.jpg`: the camera's last inspected frame with its boxes. */
export function addPreview(app: FastifyInstance, previews: Previews): void {
  app.get<{ Params: { id: string } }>('/api/cameras/:id/preview.jpg', async ({ params: { id } }, reply) => {
    let preview
    try {
      preview = await previews.of(id)
    } catch (error) {
      if (!(error instanceof PreviewError)) throw error
      return refuse(reply, 503, `${error.message}.`)
    }
    if (preview === 'unknown') return refuse(reply, 404, 'There is no camera of this name; /api/state lists all.')
    if (preview === 'none') {
      return refuse(reply.header('retry-after', 1), 503, 'No frame of this camera has been inspected yet.')
    }
    const { frame, jpeg } = preview
    return reply
      .type('image/jpeg')
      .header('x-epoch', frame.epoch)
      .header('x-frame', frame.number)
      .header('x-captured-at', isoTime(frame.capturedAt))
      .send(Buffer.from(jpeg.buffer))
  })
}
