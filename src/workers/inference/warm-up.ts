import { type PictureSize, isSameSize } from '../../domain/frame.ts'
import { ModelRefusedError } from '../../domain/inference-errors.ts'
import { largestInput, type ModelFacts, type ModelToLoad } from '../../domain/model.ts'
import { messageOf } from '../../domain/message-of.ts'
import { emptyPicture } from './text-finder.ts'
import type { ReadyReader } from './text-reader.ts'
import { sizeText } from './text-session.ts'

/**
 * Runs a reader twice on an empty picture of each size that it will be given: ONNX Runtime takes its memory in the first two runs of a size that is larger
 * than all before, and these last up to five times as long as all others. `loaded`: all models, by which a camera's picture may go.
 *
 * @throws {ModelRefusedError} it fails on one.
 */
export async function warmUp(
  reader: ReadyReader,
  { name, file, pictures = [] }: ModelToLoad,
  loaded: readonly ModelFacts[],
): Promise<void> {
  const sizes: PictureSize[] = []
  for (const { size, models } of pictures) {
    const given = size === 'auto' ? largestInput(loaded.filter((model) => models.includes(model.name))) : size
    if (!sizes.some((known) => isSameSize(known, given))) sizes.push(given)
  }
  for (const size of sizes.length === 0 ? [reader.facts.input] : sizes) {
    const empty = emptyPicture(size)
    try {
      for (let time = 0; time < 2; time++) await reader.readLines(empty, { x: 0, y: 0, ...size })
    } catch (error) {
      const detail = `it fails on an empty picture of ${sizeText(size)}: ${messageOf(error)}`
      throw new ModelRefusedError(name, file, detail, { cause: error })
    }
  }
}
