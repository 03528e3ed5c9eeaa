import { fileURLToPath } from 'node:url'

/** Absolute path of a file of the package, given relative to its root; the same from `src` and from `dist`. */
const packaged = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url))

/** The models that come with Belay, by the name that follows `builtin:`. */
export const builtinModels: Readonly<Record<string, string>> = {
  'belt-particles': packaged('models/belt-particles.onnx'),
  'belt-state': packaged('models/belt-state.onnx'),
}

/** The recorded belt of the demo. */
export const beltClip: string = packaged('media/belt-640x480.mp4')
