import { StringDecoder } from 'node:string_decoder'

/** What is longer is cut: no program makes us hold more than this. */
const longestLine = 4096

/** Cuts a program's output into lines, whatever the chunks in which it comes. */
export class LineSplitter {
  readonly #decoder = new StringDecoder('utf8')
  #begun = ''

  constructor(private readonly onLine: (line: string) => void) {}

  push(chunk: Buffer): void {
    const parts = (this.#begun + this.#decoder.write(chunk)).split(/\r?\n|\r/)
    // The rest of a line that is too long is dropped as it comes, and its beginning is kept.
    this.#begun = (parts.pop() ?? '').slice(0, longestLine)
    for (const line of parts) this.onLine(line.slice(0, longestLine))
  }

  /** Nothing more comes: what was begun is a line as well. */
  end(): void {
    if (this.#begun !== '') this.onLine(this.#begun)
    this.#begun = ''
  }
}
