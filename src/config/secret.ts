/** A password, key or token. Whatever prints, logs or serializes it shows `[secret]`; `reveal()` is the one way to its text. */
export class Secret {
  readonly #text: string

  /** `key`: of the configuration, that says where it is read. */
  constructor(
    text: string,
    readonly key = '',
  ) {
    this.#text = text
  }

  reveal(): string {
    return this.#text
  }

  toString(): string {
    return '[secret]'
  }

  toJSON(): string {
    return '[secret]'
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return '[secret]'
  }
}
