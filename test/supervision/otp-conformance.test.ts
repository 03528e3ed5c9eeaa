import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { type Answer, answerTo, type Program } from '../../scripts/otp-replay.ts'

const recorded = gunzipSync(readFileSync(new URL('../fixtures/otp/traces.jsonl.gz', import.meta.url)))
  .toString()
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Program & { readonly expected: Answer })

it('answers all 3,000 recorded programs exactly as Erlang/OTP does', () => {
  expect(recorded).toHaveLength(3_000)
  for (const { expected, ...program } of recorded) {
    // The string names the program that fails; order of keys is part of the format.
    expect(JSON.stringify({ program, answer: answerTo(program) })).toBe(JSON.stringify({ program, answer: expected }))
  }
}, 60_000)
