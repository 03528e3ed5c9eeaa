import type { InferenceSession } from 'onnxruntime-node'
import { type PictureSize, bytesPerPixel } from '../../domain/frame.ts'
import { shapeText } from './tensor-text.ts'

/** What a model's input may be made of. */
const inputTypes = ['float32', 'float16', 'uint8'] as const
export type InputType = (typeof inputTypes)[number]

/** What a model wants to be given: one picture or two, of what size, and in what numbers. */
export interface ModelInput {
  readonly name: string
  readonly type: InputType
  readonly size: PictureSize
  readonly frames: 1 | 2
}

/** What height and width are where neither the model nor its metadata says: Ultralytics' default. */
const usualSide = 640

/** Of the largest models it is 64. */
const longestStride = 1024

/** A side longer than this is taken for an error in the model rather than for a picture. */
const longestSide = 8192

/** Reads a model's input from its shape, from the size that is asked for, and from its metadata; a text is the reason why it doesn't fit. */
export function readModelInput(
  session: InferenceSession,
  metadata: ReadonlyMap<string, string>,
  asked?: PictureSize,
): ModelInput | string {
  const [input, ...more] = session.inputMetadata
  if (input === undefined) return 'it has no input'
  if (more.length > 0) return `it has ${more.length + 1} inputs (${session.inputNames.join(', ')}); expected one`
  if (!input.isTensor) return `its input ${input.name} is not a tensor`
  const type = inputTypes.find((known) => known === input.type)
  if (type === undefined) {
    return `its input ${input.name} is ${input.type}; export it with ${inputTypes.join(', ').replace(/, (?=\w+$)/, ' or ')} input`
  }

  const found = `its input ${input.name} has the shape ${shapeText(input.shape)}`
  if (input.shape.length !== 4) return `${found}; expected [1, 3, height, width]`
  const [batch, channels, height, width] = input.shape.map((dim) => (typeof dim === 'number' ? dim : undefined))
  if (batch !== undefined && batch !== 1) return `${found}: a batch of ${batch}; expected 1`
  if (width === bytesPerPixel && channels !== bytesPerPixel) {
    return `${found}: channels come last; export it with channels first, [1, 3, height, width]`
  }
  const stated = metadata.get('frames')
  if (stated !== undefined && stated !== '1' && stated !== '2') {
    return `its metadata asks for frames ${stated}; expected 1 or 2`
  }
  const taken = channels ?? bytesPerPixel * Number(stated ?? 1)
  if (taken !== bytesPerPixel && taken !== 2 * bytesPerPixel) {
    return `${found}: ${taken} channels; expected 3 (a picture in RGB) or 6 (the picture before it and the picture)`
  }
  const frames = taken === bytesPerPixel ? 1 : 2
  if (stated !== undefined && Number(stated) !== frames) {
    return `${found}: ${taken} channels; its metadata asks for frames ${stated}, which have ${bytesPerPixel * Number(stated)}`
  }
  const open = width === undefined || height === undefined ? sizeOfOpenInput(metadata, asked) : undefined
  if (typeof open === 'string') return `${found}, and ${open}`
  if (asked !== undefined && (asked.width !== (width ?? asked.width) || asked.height !== (height ?? asked.height))) {
    return `${found}, which leaves no choice: \`input\` is ${asked.width}x${asked.height}`
  }
  const size = { width: width ?? open?.width ?? NaN, height: height ?? open?.height ?? NaN }
  if (![size.width, size.height].every((side) => side >= 1 && side <= longestSide)) {
    const chosen = open === undefined ? '' : `, of which it is to be given ${size.width}x${size.height}`
    return `${found}${chosen}; expected height and width of 1 to ${longestSide}`
  }
  return { name: input.name, type, size, frames }
}

/**
 * The size of an input that takes more than one: what is asked for, or what its metadata says (`imgsz`), each side up to a multiple of `stride`, since
 * the grids of the model have no part of a cell. What is asked for stands in for metadata that cannot be read.
 */
function sizeOfOpenInput(metadata: ReadonlyMap<string, string>, asked?: PictureSize): PictureSize | string {
  const stride = metadata.get('stride') ?? '1'
  const stated = /^\d+$/.test(stride) ? Number(stride) : 0
  const isStride = stated >= 1 && stated <= longestStride
  const step = isStride ? stated : 1
  if (asked !== undefined) {
    const isWhole = asked.width % step === 0 && asked.height % step === 0
    return isWhole ? asked : `\`input\` is ${asked.width}x${asked.height}; expected multiples of its stride ${step}`
  }
  const imgsz = metadata.get('imgsz') ?? String(usualSide)
  // Ultralytics writes [height, width], or one number for both.
  const [, tall, wide = tall] = /^\s*[[(]?\s*(\d+)(?:\s*,\s*(\d+))?\s*,?\s*[\])]?\s*$/.exec(imgsz) ?? []
  if (tall === undefined) {
    return `its metadata has the imgsz ${imgsz}; expected [height, width], or a size that is given (\`input\`)`
  }
  if (!isStride) {
    return `its metadata has the stride ${stride}; expected a whole number from 1 to ${longestStride}, or a size that is given (\`input\`)`
  }
  const up = (side: string | undefined): number => Math.ceil(Number(side) / step) * step
  return { width: up(wide), height: up(tall) }
}
