import { describe, expect, it } from 'vitest'
import { runProgram } from '../../src/commands/program.ts'
import { version } from '../../src/commands/version.ts'
import { MemoryTerminal } from './memory-terminal.ts'

const belay = async (...words: readonly string[]) => {
  const terminal = new MemoryTerminal()
  const code = await runProgram(['node', 'belay', ...words], terminal)
  return { code, said: terminal.said, complained: terminal.complained }
}

describe('belay', () => {
  it.each([
    { words: ['--help'], usage: 'Usage: belay [options] [command]' },
    { words: ['run', '--help'], usage: 'Usage: belay run [options] <config>' },
    { words: ['check', '--help'], usage: 'Usage: belay check [options] [config]' },
    { words: ['files', '--help'], usage: 'Usage: belay files [options] <config>' },
    { words: ['retry', '--help'], usage: 'Usage: belay retry [options] <config> [ids...]' },
    { words: ['give-up', '--help'], usage: 'Usage: belay give-up [options] <config> <ids...>' },
    { words: ['verify', '--help'], usage: 'Usage: belay verify [options] <config>' },
    { words: ['inspect', '--help'], usage: 'Usage: belay inspect [options] <file>' },
    { words: ['demo', '--help'], usage: 'Usage: belay demo [options]' },
    { words: ['status', '--help'], usage: 'Usage: belay status [options] [config]' },
    { words: ['service', 'install', '--help'], usage: 'Usage: belay service install [options] <config>' },
    { words: ['token', '--help'], usage: 'Usage: belay token [options]' },
  ])('helps with $words', async ({ words, usage }) => {
    const { code, said, complained } = await belay(...words)
    expect(said.split('\n')[0]).toBe(usage)
    expect({ code, complained }).toEqual({ code: 0, complained: '' })
  })

  it('names every command in its help', async () => {
    const { said } = await belay('--help')
    expect([...said.matchAll(/^ {2}([a-z][\w-]*) .*/gm)].map(([, name]) => name)).toEqual([
      'run',
      'inspect',
      'check',
      'files',
      'retry',
      'give-up',
      'verify',
      'demo',
      'status',
      'service',
      'token',
      'help',
    ])
  })

  it.each([[['--version']], [['run', '--version']], [['check', '--version']], [['demo', '--version']]])(
    'says its version with %j',
    async (words) => {
      expect(await belay(...words)).toEqual({ code: 0, said: `${version}\n`, complained: '' })
    },
  )
})

describe('a command line that is wrong', () => {
  it('is repeated without what would command the terminal', async () => {
    const { complained } = await belay('\u001b]0;pwned\u0007')
    expect(complained).toContain("error: unknown command '\ufffd]0;pwned\ufffd'")
  })

  it.each([
    { words: ['--nope'], complaint: "error: unknown option '--nope'" },
    { words: ['status'], complaint: 'error: expected a configuration, or --url URL' },
    {
      words: ['status', 'a.yaml', '--url', 'http://127.0.0.1:5000'],
      complaint: 'error: expected either a configuration or --url URL, found both',
    },
    {
      words: ['status', '--url', '127.0.0.1:5000'],
      complaint:
        "error: option '--url <url>' argument '127.0.0.1:5000' is invalid. Expected an address such as http://127.0.0.1:5000.",
    },
    { words: ['run', 'a.yaml', '--nope'], complaint: "error: unknown option '--nope'" },
    { words: ['check', 'a.yaml', '--nope'], complaint: "error: unknown option '--nope'" },
    {
      words: ['service', 'print', 'a.yaml', '--user', 'a\nExecStartPre=b'],
      complaint:
        "error: option '--user <name>' argument 'a\nExecStartPre=b' is invalid. Expected a user such as belay.",
    },
    { words: ['demo', '--nope'], complaint: "error: unknown option '--nope'" },
    { words: ['nope'], complaint: "error: unknown command 'nope'" },
    { words: ['run'], complaint: "error: missing required argument 'config'" },
    { words: ['check'], complaint: 'error: expected either a configuration or --model FILE' },
    { words: ['check', 'a.yaml', '--model', 'b.onnx'], complaint: 'error: expected either a configuration or --model' },
    {
      words: ['check', 'a.yaml', '--labels', 'cat'],
      complaint: "error: option '--labels' says something of --model, and there is none",
    },
    {
      words: ['check', '--model', 'b.onnx', '--json'],
      complaint: "error: option '--json' cannot be used with option '--model <file>'",
    },
    { words: ['check', '--model', 'b.onnx', '--input', '640'], complaint: 'Expected a size such as 640x384.' },
    {
      words: ['check', '--model', 'b.onnx', '--layout', 'v3'],
      complaint: 'Allowed choices are auto, v8, v5, end-to-end',
    },
    {
      words: ['check', '--model', 'b.onnx', '--scores', 'percent'],
      complaint: 'Allowed choices are auto, probabilities, logits, independent-logits',
    },
    { words: ['check', '--model', 'b.onnx', '--providers', 'abacus'], complaint: 'Allowed choices are tensorrt, cuda' },
    { words: ['inspect'], complaint: "error: missing required argument 'file'" },
    {
      words: ['inspect', '/nowhere'],
      complaint: '/nowhere: expected a recording that can be read, found ENOENT (no such file or directory)',
    },
    { words: ['inspect', '/dev/null'], complaint: `/dev/null: Line 1: expected a recording's header, found nothing.` },
    {
      words: ['check', 'a.yaml', 'b.yaml'],
      complaint: "error: too many arguments for 'check'. Expected 1 argument but got 2.",
    },
    { words: ['files', 'a.yaml', '--state', 'gone'], complaint: 'Expected held, packed, pending, sending, ' },
    { words: ['files', 'a.yaml', '--camera', 'Dock 1'], complaint: 'Expected the id of a camera, such as dock-1.' },
    { words: ['files', 'a.yaml', '--older-than', 'long'], complaint: 'Expected a duration such as 90m, 36h or 7d.' },
    { words: ['files', 'a.yaml', '--limit', '0'], complaint: 'Expected 1 to 1000000.' },
    { words: ['retry', 'a.yaml', 'all'], complaint: 'Expected the number of a file.' },
    { words: ['retry', 'a.yaml'], complaint: 'error: expected ids, or --state' },
    ...['delivered', 'removed', 'lost', 'sending', 'held', 'packed', 'deadLetter,delivered'].map((states) => ({
      words: ['retry', 'a.yaml', '--state', states],
      complaint: 'Expected pending, conflict, refused, deadLetter, with commas between.',
    })),
    { words: ['give-up', 'a.yaml'], complaint: "error: missing required argument 'ids'" },
    { words: ['demo', '--seconds', '0'], complaint: 'Expected a number above 0.' },
    { words: ['demo', '--seconds', 'soon'], complaint: 'Expected a number above 0.' },
    { words: ['demo', '--port', '65536'], complaint: 'Expected 0 to 65535.' },
    { words: ['demo', '--port', '-1'], complaint: 'Expected 0 to 65535.' },
  ])('ends with 64: $words', async ({ words, complaint }) => {
    const { code, said, complained } = await belay(...words)
    expect(complained).toContain(complaint)
    expect({ code, said }).toEqual({ code: 64, said: '' })
  })

  it('of a demo whose folder cannot be made says so, and ends with 75', async () => {
    const { code, complained } = await belay('demo', '--folder', '/dev/null/demo')
    expect(complained).toMatch(
      /dev\/null\/demo: expected a folder that can be made or written, found ENOTDIR \(not a directory\)$/m,
    )
    expect(code).toBe(75)
  })

  it('without a command is helped, and ends with 64', async () => {
    const { code, complained } = await belay()
    expect(complained.split('\n')[0]).toBe('Usage: belay [options] [command]')
    expect(code).toBe(64)
  })
})
