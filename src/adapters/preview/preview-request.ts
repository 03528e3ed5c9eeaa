import { fitting } from '../../domain/fitting.ts'
import type { SharedPicture } from '../../domain/inference-task.ts'
import type { InspectedPicture } from '../../domain/inspected-picture.ts'
import type { LabelledBox, PreviewRequest } from '../../workers/preview-protocol.ts'

/** What is to be shown of a picture: what it has of the camera's own, without bars and in its own shape, and what was seen in it. */
export function previewRequest(
  { inspection, region, size, fit }: InspectedPicture,
  picture: SharedPicture,
): PreviewRequest {
  const { scaleX, scaleY, offsetX, offsetY } = fitting(region, size, fit)
  const boxes = inspection.findings
    .flatMap((finding) => {
      // Whatever a line says, lines have one colour.
      if (finding.kind === 'read') return finding.lines.map((line) => ({ ...line, label: finding.model }))
      return finding.kind === 'detect' ? finding.detections : []
    })
    .map(({ label, x, y, width, height }): LabelledBox => ({
      label,
      x: (x - region.x) * scaleX + offsetX,
      y: (y - region.y) * scaleY + offsetY,
      width: width * scaleX,
      height: height * scaleY,
    }))
  // A middle has no bars, and is not distorted.
  const whole = fit === 'cover' ? size : region
  const shape = fitting(whole, size, 'letterbox')
  const shown = { width: Math.round(whole.width * shape.scaleX), height: Math.round(whole.height * shape.scaleY) }
  return {
    picture,
    boxes,
    region: fit === 'stretch' ? { x: 0, y: 0, ...size } : { x: shape.offsetX, y: shape.offsetY, ...shown },
    shown,
  }
}
