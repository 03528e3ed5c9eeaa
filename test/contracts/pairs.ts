import type { SealedFile } from '../../src/domain/sealed-file.ts'

export const sealedAs = (name: string): SealedFile => ({
  path: `dock-1/model/${name}.csv`,
  ...{ bytes: 100, sha256: name.padEnd(64, '0'), rows: 1, priority: 5 },
})

/** Two files that a process takes in together. */
export const pair = (number: number) => [sealedAs(`one-${number}`), sealedAs(`other-${number}`)] as const
