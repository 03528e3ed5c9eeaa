import { stripVTControlCharacters } from 'node:util'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { CheckLine } from '../../../src/commands/check/check-line.ts'
import { checkForPrograms, checkReport } from '../../../src/commands/check/check-report.ts'
import { milliseconds } from '../../../src/domain/units.ts'

afterEach(() => vi.unstubAllEnvs())

const line = (name: string, outcome: CheckLine['outcome'], detail: string): CheckLine => ({
  name,
  what: 'camera',
  outcome,
  took: milliseconds(1_240),
  detail,
})
const lines = [
  line('dock-1', 'ok', 'fine'),
  line('dock-2', 'failed', 'login of viewer with hunter2 and hunter2 was refused'),
  line('dock-3', 'interrupted', 'interrupted'),
  line('dock-4', 'failed', 'no route'),
]
const options = { width: 80, colour: false, hide: (text: string) => text.replaceAll('hunter2', '***') }

describe('the report of a check', () => {
  it('says in words what came of each part, without secrets', () => {
    expect(checkReport(lines, options)).toEqual([
      'part    what    result           s  detail',
      'dock-1  camera  ✓ ok           1.2  fine',
      'dock-2  camera  ✗ failed       1.2  login of viewer with *** and *** was refused',
      'dock-3  camera  - interrupted  1.2  interrupted',
      'dock-4  camera  ✗ failed       1.2  no route',
      '1 of 4 ok; failed: dock-2, dock-4; interrupted: dock-3',
    ])
  })

  it('hides a secret before it could be wrapped', () => {
    const hide = (text: string) => text.replace('open sesame', '***')
    // Unhidden, the first line would end after "open".
    const detail = 'a phrase of the key is open sesame'
    const [, ...said] = checkReport([line('dock-1', 'failed', detail)], { ...options, width: 58, hide })
    expect(said.join('\n')).not.toMatch(/open|sesame/)
    expect(said[0]).toBe('dock-1  camera  ✗ failed  1.2  a phrase of the key is ***')
  })

  it('is the same with colour, but for the colour of the results', () => {
    // Without it, Node looks whether standard output is a terminal.
    vi.stubEnv('FORCE_COLOR', '1')
    const coloured = checkReport(lines, { ...options, colour: true })
    expect(coloured.map((each) => stripVTControlCharacters(each))).toEqual(checkReport(lines, options))
    expect(coloured.map((each) => each !== stripVTControlCharacters(each))).toEqual([
      ...[false, true, true, true, true, false],
    ])
  })

  it('is the same for programs, part by part, without secrets', () => {
    const [, , ...others] = lines
    expect(checkForPrograms(lines, options.hide)).toEqual({
      parts: [
        { name: 'dock-1', what: 'camera', outcome: 'ok', tookMs: 1_240, detail: 'fine' },
        {
          ...{ name: 'dock-2', what: 'camera', outcome: 'failed', tookMs: 1_240 },
          detail: 'login of viewer with *** and *** was refused',
        },
        ...others.map(({ name, what, outcome, detail }) => ({ name, what, outcome, tookMs: 1_240, detail })),
      ],
    })
  })

  it('has a short last line where all is well', () => {
    expect(checkReport(lines.slice(0, 1), options).at(-1)).toBe('1 of 1 ok')
  })
})
