import { describe, expect, it } from 'vitest'
import { parseLabelNames } from '../../../src/workers/inference/label-names.ts'

describe('the names an exporter writes', () => {
  it.each([
    { text: "{0: 'bolt', 1: 'nut'}", labels: ['bolt', 'nut'] },
    { text: "{1: 'nut', 0: 'bolt',}", labels: ['bolt', 'nut'] },
    { text: `{0: "nut's", 1: 'say \\'hi\\'', 2: 'a\\\\b'}`, labels: ["nut's", "say 'hi'", 'a\\b'] },
    { text: `{"0": "bolt", "1": "sch\\u00f6n"}`, labels: ['bolt', 'schön'] },
    { text: "['bolt', 'a, b', 'c: {d}']", labels: ['bolt', 'a, b', 'c: {d}'] },
    { text: ' ["bolt"] ', labels: ['bolt'] },
  ])('are read from $text', ({ text, labels }) => {
    expect(parseLabelNames(text)).toEqual(labels)
  })

  it.each([
    'bolt',
    '',
    '{}',
    '[]',
    "{0: 'bolt', 2: 'nut'}",
    "{1: 'bolt'}",
    '{0: bolt}',
    "{0: 'bolt' 1: 'nut'}",
    "['bolt', 1]",
    "{4294967290: 'bolt'}",
  ])('are not made up from %s', (text) => {
    expect(parseLabelNames(text)).toBeUndefined()
  })
})
