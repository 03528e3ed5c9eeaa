import { type Document, parseDocument } from 'yaml'
import type { ConfigPath } from './issue.ts'
import { PlainReader } from './plain-reader.ts'
import { type YamlMistake, syntaxMistake } from './yaml-mistakes.ts'

/** A YAML text as plain data, with the place of each key and value. */
export interface YamlDocument {
  /** Maps, lists, texts, numbers, booleans, null; `undefined` where the text is no YAML, or its references lead nowhere. */
  readonly value: unknown
  readonly mistakes: readonly YamlMistake[]
  /** Where in the text; the nearest container's place where nothing stands at the path. */
  offsetOf(path: ConfigPath, at: 'value' | 'key'): number
}

const maxCharacters = 1_000_000

/** Never throws, whatever the text. */
export function readYaml(text: string): YamlDocument {
  if (text.length > maxCharacters) {
    return unreadable([
      { offset: 0, expected: `at most ${maxCharacters} characters`, found: `${text.length} characters` },
    ])
  }
  const document: Document = parseDocument(text, { prettyErrors: false, version: '1.2', resolveKnownTags: false })
  const syntax = [...document.errors, ...document.warnings]
  // After anything but a repeated key the tree is a guess: what follows from it would only confuse, on the same line as well.
  if (syntax.some(({ code }) => code !== 'DUPLICATE_KEY')) {
    const firstOfLine = syntax.filter(({ pos }, index) => {
      const before = syntax[index - 1]?.pos[0]
      return before === undefined || text.slice(before, pos[0]).includes('\n')
    })
    return unreadable(firstOfLine.map(syntaxMistake))
  }
  const reader = new PlainReader(document)
  const value = reader.read()
  return {
    value: reader.mistakes.length === 0 ? value : undefined,
    mistakes: [...syntax.map(syntaxMistake), ...reader.mistakes],
    offsetOf: (path, at) => reader.offsetOf(path, at),
  }
}

const unreadable = (mistakes: readonly YamlMistake[]): YamlDocument => ({
  value: undefined,
  mistakes,
  offsetOf: () => 0,
})
