import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { parse } from 'yaml'
import { defaultHttpLimits } from '../../../src/adapters/http/http-limits.ts'
import { recordingLimits } from '../../../src/adapters/recording/line-folder.ts'
import { namesShown, ownNames } from './support.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const read = (file: string) => readFileSync(`${root}/${file}`, 'utf8')

function promtool(...words: readonly string[]) {
  const { status, stdout, stderr } = spawnSync('promtool', words, { cwd: root, encoding: 'utf8' })
  return { status, said: stdout + stderr }
}

/** The metrics that a PromQL expression or a text names. */
const metricsIn = (text: string): string[] => text.match(/\b(belay|nodejs|process)_[a-z0-9_]+/g) ?? []

interface Rule {
  readonly alert: string
  readonly expr: string
}

const rules = (parse(read('config/prometheus-alerts.yaml')) as { groups: { rules: Rule[] }[] }).groups.flatMap(
  (group) => group.rules,
)

describe('the alert rules', () => {
  it('are read by Prometheus', () => {
    expect(promtool('check', 'rules', 'config/prometheus-alerts.yaml')).toEqual({
      status: 0,
      said: expect.stringContaining(`SUCCESS: ${rules.length} rules found`) as string,
    })
  })

  it('fire when they should, and not before', () => {
    const { status, said } = promtool('test', 'rules', 'test/fixtures/prometheus/alerts.test.yaml')
    expect(said).toContain('SUCCESS')
    expect(status).toBe(0)
  })

  it('each have such a test', () => {
    const tested = new Set(read('test/fixtures/prometheus/alerts.test.yaml').match(/\bBelay\w+/g))
    expect(rules.map(({ alert }) => alert).filter((alert) => !tested.has(alert))).toEqual([])
  })

  it('name only metrics that there are', async () => {
    const shown = await namesShown()
    const named = rules.flatMap(({ expr }) => metricsIn(expr))
    expect(named.length).toBeGreaterThan(rules.length - 2)
    expect(named.filter((name) => !shown.has(name))).toEqual([])
  })
})

interface Panel {
  readonly title: string
  readonly targets: readonly { readonly expr: string }[]
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number }
}
const dashboard = JSON.parse(read('config/grafana-dashboard.json')) as { panels: Panel[] }
const expressions = dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr))

describe('the alert rules and the dashboard', () => {
  const uses = (functions: string) =>
    [...rules.map(({ expr }) => expr), ...expressions].flatMap((expr) =>
      [...expr.matchAll(new RegExp(`\\b(?:${functions})\\(([a-z0-9_]+)`, 'g'))].map(([, name]) => name ?? ''),
    )
  const isCounter = (name: string) => name.endsWith('_total')

  it('ask how fast only counters grow: the fall of a gauge would be a counter that began anew', () => {
    const names = uses('rate|irate|increase|resets')
    expect(names.length).toBeGreaterThan(8)
    expect(names.filter((name) => !isCounter(name))).toEqual([])
  })

  it('ask where gauges went only of gauges', () => {
    const names = uses('delta|idelta|deriv|predict_linear|changes|min_over_time|max_over_time')
    expect(names.toSorted()).toEqual([
      'belay_actor_state',
      'belay_boot',
      'belay_camera_up',
      'belay_data_disk_free_bytes',
    ])
  })
})

describe('the dashboard', () => {
  it('names only metrics that there are', async () => {
    const shown = await namesShown()
    expect(expressions.length).toBeGreaterThan(20)
    expect(metricsIn(expressions.join(' ')).filter((name) => !shown.has(name))).toEqual([])
    expect(expressions.filter((expr) => metricsIn(expr).length === 0)).toEqual([])
  })

  it('asks in a language that Prometheus understands', async () => {
    const given = expressions.map((expr) => expr.replaceAll('$__rate_interval', '5m').replaceAll(/\$\w+/g, 'x'))
    const file = given.map((expr, at) => ({ record: `panel:${at}`, expr }))
    const folder = await mkdtemp(join(tmpdir(), 'belay-panels-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const panels = join(folder, 'panels.json')
    await writeFile(panels, JSON.stringify({ groups: [{ name: 'panels', rules: file }] }))
    const { status, said } = promtool('check', 'rules', panels)
    expect(said).toContain(`SUCCESS: ${expressions.length} rules found`)
    expect(status).toBe(0)
  })

  it('has no panel over another', () => {
    const cells = dashboard.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, at) => `${x + (at % w)}/${y + Math.floor(at / w)}`),
    )
    expect(new Set(cells).size).toBe(cells.length)
  })
})

describe('the documents', () => {
  /** Rows of every table in `text` that has a column of metrics, that column last. */
  function metricCells(text: string): { what: string; metrics: string[] }[] {
    let column = -1
    return text.split('\n').flatMap((line) => {
      if (!line.startsWith('|')) column = -1
      if (!line.startsWith('|') || line.startsWith('|---')) return []
      const cells = line.split('|').map((cell) => cell.trim())
      if (cells.includes('metric')) {
        column = cells.indexOf('metric')
        return []
      }
      return column === -1 ? [] : [{ what: cells[1] ?? '', metrics: metricsIn(cells[column] ?? '') }]
    })
  }

  it('give every limit of a running daemon metrics, and each is there', async () => {
    const shown = await namesShown()
    const cells = metricCells(read('docs/limits.md'))
    expect(cells.length).toBeGreaterThan(30)
    expect(cells.filter(({ metrics }) => metrics.length === 0).map(({ what }) => what)).toEqual([])
    expect(cells.flatMap(({ metrics }) => metrics).filter((name) => !shown.has(name))).toEqual([])
  })

  it('give the limits of the HTTP server and of recordings as they are', () => {
    const { connections, feedClients, inspectClients, feedBacklog, pingEveryMs, requestMs, failureDelayMs } =
      defaultHttpLimits
    const rows = new Map(
      read('docs/limits.md')
        .split('\n')
        .map((line) => line.split(' | '))
        .map(([what = '', bound = '']) => [what, bound]),
    )
    const { fileBytes, bytes, files, backlogBytes } = recordingLimits
    expect({
      recording: [
        rows.get('| `--record`: a file, all files, their number'),
        rows.get('| `--record`: what waits for the disk'),
      ],
      connections: rows.get('| connections'),
      feeds: rows.get('| feeds'),
      receivers: rows.get('| receivers at `/inspect`'),
      waits: [rows.get('| what waits in one feed'), rows.get('| what waits for one receiver')],
      pings: rows.get("| a client that doesn't answer pings"),
      request: rows.get('| a request')?.split(',')[0],
      wrongToken: rows.get('| the answer to a wrong token'),
    }).toEqual({
      recording: [
        `${fileBytes / 1e6} MB, ${bytes / 1e6} MB, ${files.toLocaleString('en-US')}`,
        `${backlogBytes / 1e6} MB, and no next file meanwhile`,
      ],
      connections: `${connections}`,
      feeds: `${feedClients}`,
      receivers: `${inspectClients}`,
      waits: [`${feedBacklog / 1e6} MB`, `${feedBacklog / 1e6} MB`],
      pings: `${pingEveryMs / 1000} s to the next`,
      request: `${requestMs / 1000} s`,
      wrongToken: `after ${failureDelayMs} ms`,
    })
  })

  it('have only these tables of limits without one', () => {
    const sections = read('docs/limits.md').split(/^## /m).slice(1)
    const without = sections.filter((section) => section.includes('\n| ') && metricCells(section).length === 0)
    expect(without.map((section) => section.split('\n')[0])).toEqual([
      'Bounds that lose nothing',
      'Configuration',
      '`belay status`',
      '`belay check`',
    ])
  })

  it('explain every metric of our own, and no other', () => {
    const listed = metricCells(read('docs/operations.md')).flatMap(({ metrics }) => metrics)
    expect(listed.toSorted()).toEqual([...ownNames].toSorted())
  })
})
