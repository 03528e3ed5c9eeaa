import type { ErrorCode } from 'yaml'

/** Something wrong with the YAML itself, at an offset in the text. */
export interface YamlMistake {
  readonly offset: number
  readonly expected: string
  readonly found: string
}

/** In our words: the parser's own messages may quote the text, and with it a password. */
const words: Record<ErrorCode, readonly [expected: string, found: string]> = {
  ALIAS_PROPS: ['a reference (*name) alone', 'an anchor or a tag before it'],
  BAD_ALIAS: ['the name of an anchor', 'a reference that is none'],
  BAD_COLLECTION_TYPE: ['a value that its tag fits', 'another kind of value'],
  BAD_DIRECTIVE: ['no directives', 'a line that begins with %'],
  BAD_DQ_ESCAPE: ['an escape sequence of YAML, or single quotes', 'another sequence after \\'],
  BAD_INDENT: ['this to be indented like its neighbours, and each bracket to be closed', 'something else'],
  BAD_PROP_ORDER: ['anchors and tags before the value', 'another order'],
  BAD_SCALAR_START: ['quotes around a text that begins with this sign', 'none'],
  BLOCK_AS_IMPLICIT_KEY: ['one `key: value` in a line', 'a second one in it (texts with ": " need quotes)'],
  BLOCK_IN_FLOW: ['only { } and [ ] inside brackets', 'an indented block'],
  DUPLICATE_KEY: ['each key once', 'a key that stands above in the same map'],
  IMPOSSIBLE: ['YAML', 'something else'],
  KEY_OVER_1024_CHARS: ['a key of at most 1024 characters', 'a longer one'],
  MISSING_CHAR: ['a closing quote or bracket, a colon or a comma', 'none'],
  MULTILINE_IMPLICIT_KEY: ['a key on one line', 'a key of several lines, or a line without a colon'],
  MULTIPLE_ANCHORS: ['one anchor', 'several'],
  MULTIPLE_DOCS: ['one document', 'a second one'],
  MULTIPLE_TAGS: ['no tags', 'several'],
  NON_STRING_KEY: ['a text as key', 'something else'],
  RESOURCE_EXHAUSTION: ['a few levels', 'too many inside one another'],
  TAB_AS_INDENT: ['blanks for indentation', 'a tab'],
  TAG_RESOLVE_FAILED: ['no tags', 'a tag (!name)'],
  UNEXPECTED_TOKEN: ['YAML', 'something that does not belong here'],
}

export function syntaxMistake({ code, pos }: { code: ErrorCode; pos: [number, number] }): YamlMistake {
  const [expected, found] = words[code]
  return { offset: pos[0], expected, found }
}
