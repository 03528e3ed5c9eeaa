import { ModelRefusedError } from '../domain/inference-errors.ts'
import type { LoadedModel, ModelToLoad } from '../domain/model.ts'

/** Holds the workers of one pool to the same files: those of another model may have taken their names meanwhile, and rows of both would look alike. */
export class SameFiles {
  readonly #digests = new Map<string, string>()

  constructor(private readonly specs: readonly ModelToLoad[]) {}

  /** What one worker has loaded; the first decides. @throws {ModelRefusedError} it is another model than that of an earlier one. */
  hold(models: readonly LoadedModel[]): void {
    for (const { name, digest } of models) {
      const held = this.#digests.get(name) ?? digest
      this.#digests.set(name, held)
      if (held === digest) continue
      const file = this.specs.find((spec) => spec.name === name)?.file ?? ''
      throw new ModelRefusedError(name, file, 'its file is not the one that the other workers have loaded')
    }
  }
}
