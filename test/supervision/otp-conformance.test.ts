import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { answerTo } from '../../scripts/otp-replay/answer-to.ts'
import type { Answer, Program } from '../../scripts/otp-replay/program.ts'

const recorded = (file: string) =>
  gunzipSync(readFileSync(new URL(`../fixtures/otp/${file}`, import.meta.url)))
    .toString()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Program & { readonly expected: Answer })

it.each([
  { file: 'traces.jsonl.gz', count: 3_000 },
  { file: 'batches.jsonl.gz', count: 1_000 }, // commands that wait in order: only here a child is met while it is `restarting`
])(
  'answers all $count recorded programs of $file exactly as Erlang/OTP does',
  ({ file, count }) => {
    const programs = recorded(file)
    expect(programs).toHaveLength(count)
    for (const { expected, ...program } of programs) {
      // The string names the program that fails; order of keys is part of the format.
      expect(JSON.stringify({ program, answer: answerTo(program) })).toBe(JSON.stringify({ program, answer: expected }))
    }
  },
  60_000,
)
