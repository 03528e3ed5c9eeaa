/** One thing wrong in a configuration file. Lines and columns count from 1. Holds no secret. */
export interface ConfigMistake {
  readonly file: string
  readonly line: number
  readonly column: number
  /** `cameras[0].source.url`; empty where it is about the file as a whole. */
  readonly path: string
  /** What should stand there: words that follow "expected". */
  readonly expected: string
  /** What stands there: words that follow "found". */
  readonly found: string
}

/** One line each: `belay.yaml:7:11 cameras[0].source.url: expected …, found …`. */
export const formatConfigMistakes = (mistakes: readonly ConfigMistake[]): string =>
  mistakes
    .map(({ file, line, column, path, expected, found }) => {
      const place = path === '' ? `${file}:${line}:${column}` : `${file}:${line}:${column} ${path}`
      return `${place}: expected ${expected}, found ${found}`
    })
    .join('\n')
