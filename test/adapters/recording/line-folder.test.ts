import { constants, openSync, closeSync } from 'node:fs'
import { mkdtemp, open as openFile, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { execFile } from 'node:child_process'
import { describe, expect, it, onTestFinished } from 'vitest'
import { LineFolder, type LineFolderOptions } from '../../../src/adapters/recording/line-folder.ts'
import { epochMs, milliseconds } from '../../../src/domain/units.ts'
import type { Log } from '../../../src/ports/log.ts'
import { eventually } from '../../support/eventually.ts'

async function open(options: Partial<LineFolderOptions> = {}) {
  const parent = await mkdtemp(join(tmpdir(), 'belay-recording-'))
  onTestFinished(() => rm(parent, { recursive: true, force: true }))
  const folder = join(parent, 'recordings')
  const warnings: string[] = []
  const log: Log = {
    debug: () => {},
    always: () => {},
    info: () => {},
    warn: (fact) => warnings.push(fact),
    error: () => {},
    at: () => log,
  }
  const lines = await LineFolder.open({ folder, header: () => 'header\n', log, ...options })
  const contents = async () => {
    const names = (await readdir(folder)).sort()
    return Promise.all(names.map(async (name) => `${name}: ${await readFile(join(folder, name), 'utf8')}`))
  }
  return { folder, lines, warnings, contents }
}

const at = (second: number) => epochMs(Date.UTC(2026, 0, 1, 0, 0, second))

describe('a folder of lines', () => {
  it('has a file named after its first line’s moment, the header first', async () => {
    const { lines, contents } = await open()
    lines.write('one\n', at(1))
    lines.write('two\n', at(2))
    await lines.close()
    expect(await contents()).toEqual(['belay-2026-01-01T00-00-01-000Z.jsonl: header\none\ntwo\n'])
  })

  it('begins another when one is full, with a header of its own', async () => {
    const { lines, contents } = await open({ fileBytes: 12 })
    for (let each = 1; each <= 3; each++) lines.write(`line${each}\n`, at(each))
    await lines.close()
    expect(await contents()).toEqual([
      'belay-2026-01-01T00-00-01-000Z.jsonl: header\nline1\n',
      'belay-2026-01-01T00-00-02-000Z.jsonl: header\nline2\n',
      'belay-2026-01-01T00-00-03-000Z.jsonl: header\nline3\n',
    ])
  })

  it('keeps the latest files, and touches no other', async () => {
    const { folder, lines, contents } = await open({ fileBytes: 1, files: 2 })
    await writeFile(join(folder, 'a-notes.txt'), 'mine')
    for (let each = 1; each <= 4; each++) lines.write(`line${each}\n`, at(each))
    await lines.close()
    expect((await contents()).map((text) => text.split('\n')[1] ?? text)).toEqual([
      'a-notes.txt: mine',
      'line3',
      'line4',
    ])
  })

  it('keeps the file that it writes, and those before it, when the clock is behind older files', async () => {
    const { folder, lines, contents } = await open({ fileBytes: 1, files: 2 })
    for (const day of [1, 2, 3]) await writeFile(join(folder, `belay-2027-01-0${day}T00-00-00-000Z.jsonl`), 'h\nolder')
    for (let each = 1; each <= 3; each++) lines.write(`line${each}\n`, at(each))
    await lines.close()
    expect((await contents()).map((text) => text.split('\n')[1])).toEqual(['line2', 'line3'])
  })

  it('removes what is older than itself by name first', async () => {
    const { folder, lines, contents } = await open({ files: 3 })
    for (const day of [3, 1, 2]) await writeFile(join(folder, `belay-2027-01-0${day}T00-00-00-000Z.jsonl`), `h\n${day}`)
    lines.write('line\n', at(1))
    await lines.close()
    expect((await contents()).map((text) => text.split('\n')[1])).toEqual(['line', '2', '3'])
  })

  it('keeps its latest files when the clock is set back', async () => {
    const { lines, contents } = await open({ fileBytes: 1, files: 2 })
    for (const second of [30, 31, 1, 2]) lines.write(`at ${second}\n`, at(second))
    await lines.close()
    expect((await contents()).map((text) => text.split('\n')[1])).toEqual(['at 1', 'at 2'])
  })

  it('keeps as many bytes as it may, all files together, however many starts have made them', async () => {
    const { folder, lines, contents } = await open({ fileBytes: 20, bytes: 100 })
    // The first is the one in which it began; those of the starts after it are short.
    await writeFile(join(folder, 'belay-2025-01-01T00-00-00-000Z.jsonl'), `h\nevening${'.'.repeat(21)}`)
    for (let each = 1; each <= 5; each++)
      await writeFile(join(folder, `belay-2025-01-02T00-00-0${each}-000Z.jsonl`), `h\nstart ${each}\n`)
    const kept = async () => (await contents()).map((text) => text.split('\n')[1]?.replaceAll('.', ''))
    lines.write('line1\n', at(1))
    // 20 are for the one that it writes; 30 and 5 times 10 are the others.
    await eventually('the first line', async () => ((await kept()).at(-1) === 'line1' ? true : undefined))
    expect(await kept()).toEqual([...['evening', 'start 1', 'start 2', 'start 3', 'start 4', 'start 5', 'line1']])
    lines.write('line2, which is longer\n', at(2))
    lines.write('line3\n', at(3))
    await lines.close()
    // Beside 36 of the one before there is room for four.
    expect(await kept()).toEqual(['start 2', 'start 3', 'start 4', 'start 5', 'line1', 'line3'])
  })

  it('leaves out what does not fit into its backlog, and says so', async () => {
    const { lines, warnings, contents } = await open({ backlogBytes: 10 })
    for (let each = 1; each <= 5; each++) lines.write(`line${each}\n`, at(each))
    await lines.close()
    expect((await contents())[0]).toMatch(/header\nline1\n$/)
    expect(warnings).toEqual([
      'the disk takes too little: lines are left out of the recording',
      'lines were left out of the recording',
    ])
  })

  it('goes on when its file cannot be made, and says why', async () => {
    const { folder, lines, warnings } = await open()
    await writeFile(join(folder, 'belay-2026-01-01T00-00-01-000Z.jsonl'), 'another’s')
    lines.write('one\n', at(1))
    await lines.close()
    expect(warnings).toContain('the recording cannot be written; lines are left out until its next file')
    expect(await readFile(join(folder, 'belay-2026-01-01T00-00-01-000Z.jsonl'), 'utf8')).toBe('another’s')
  })
})

describe('a disk that does not answer', () => {
  /** Has every thread that Node has for files wait, as it does for a disk that hangs; returns the way to end it. */
  async function hang(folder: string): Promise<() => Promise<void>> {
    const pipe = join(folder, 'pipe')
    await promisify(execFile)('mkfifo', [pipe])
    const threads = Number(process.env['UV_THREADPOOL_SIZE'] ?? 4)
    const opened = Array.from({ length: threads }, () => openFile(pipe, 'r'))
    return async () => {
      const writer = openSync(pipe, constants.O_RDWR)
      for (const file of await Promise.all(opened)) await file.close()
      closeSync(writer)
    }
  }

  it('is waited for no longer than it was said, and that its last lines may be missing is said', async () => {
    const { folder, lines, warnings } = await open({ patience: milliseconds(20) })
    const answerAgain = await hang(folder)
    onTestFinished(answerAgain)
    lines.write('one\n', at(1))
    await lines.close()
    expect(warnings).toEqual(['the disk does not answer: the last lines of the recording may be missing'])
  })

  it('is asked for no other file, holds up no more than the backlog, and has the next one once it answers', async () => {
    const { folder, lines, contents } = await open({ fileBytes: 100, backlogBytes: 60 })
    const answerAgain = await hang(folder)
    // Ten files' worth.
    for (let each = 0; each < 100; each++) lines.write(`${`line ${each}`.padEnd(9)}\n`, at(1 + (each % 50)))
    await answerAgain()
    await rm(join(folder, 'pipe'))
    await eventually('what was held up', async () =>
      (await contents()).join('').includes('line 5') ? true : undefined,
    )
    const held = ['header', ...[0, 1, 2, 3, 4, 5].map((each) => `line ${each}   `)].join('\n')
    expect(await contents()).toEqual([`belay-2026-01-01T00-00-01-000Z.jsonl: ${held}\n`])
    await eventually('another file', async () => {
      lines.write('after\n', at(59))
      return (await contents())[1]
    })
    await lines.close()
    expect((await contents())[1]).toMatch(/^belay-2026-01-01T00-00-59-000Z.jsonl: header\nafter\n/)
  })
})
