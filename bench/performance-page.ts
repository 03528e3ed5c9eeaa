import { readFile, writeFile } from 'node:fs/promises'
import type { Figures } from './benchmark.ts'
import { figureOf, isReached, type Target, targets } from './targets.ts'

/** What one run of one family of benchmarks has measured, and on what. */
export interface Family {
  readonly machine: Readonly<Record<string, string | number>>
  /** Of one minute, before and after: above the number of cores, others wanted the machine too. */
  readonly loadAverage: { readonly before: number; readonly after: number }
  readonly repeats: number
  readonly seconds: number
  readonly figures: Figures
}

const json = new URL('../docs/performance.json', import.meta.url)
const page = new URL('../docs/performance.md', import.meta.url)

/** What stands below this line is written by hand, and is kept. */
const byHand = '<!-- Written by hand from here on. -->'

/** Puts a family into docs/performance.json and renders docs/performance.md. */
export async function writePerformance(name: string, family: Family): Promise<void> {
  const known = await readFile(json, 'utf8').then(
    (text) => JSON.parse(text) as Record<string, Family>,
    (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error
      return {}
    },
  )
  const families = { ...known, [name]: family }
  await writeFile(json, `${JSON.stringify(families, null, 2)}\n`)
  const [, notes = '\n'] = (await readFile(page, 'utf8').catch(() => '')).split(byHand)
  await writeFile(page, `${renderPerformance(families)}\n${byHand}${notes}`)
}

export function renderPerformance(families: Readonly<Record<string, Family>>): string {
  const rows = targets.map((target) => row(target, families))
  return `# Performance

Made by \`npm run bench -- --write\` from [performance.json](performance.json), which has each figure's parts. What a figure is, and how it is taken,
stands at the head of its file in \`bench/\`.

| figure | is | to reach | measured | |
|---|---|---|---|---|
${rows.join('\n')}

Measured on:

| benchmark | machine | load average before, after | repeats | seconds a look |
|---|---|---|---|---|
${Object.entries(families).map(measuredOn).join('\n')}
`
}

function row(target: Target, families: Readonly<Record<string, Family>>): string {
  const { key, is, reach } = target
  const figure = Object.values(families)
    .map(({ figures }) => figureOf(target, figures))
    .find((found) => found !== undefined)
  const bound = 'atLeast' in reach ? `≥ ${reach.atLeast}` : `≤ ${reach.atMost}`
  const verdict = figure === undefined ? '' : isReached(target, figure) ? 'reached' : '**not reached**'
  return `| \`${key}\` | ${is} | ${bound} | ${figure ?? '–'} | ${verdict} |`
}

function measuredOn([name, { machine, loadAverage, repeats, seconds }]: [string, Family]): string {
  const { cpu, cores, memoryMiB, linux, node, ffmpeg, onnxruntime } = machine
  const what = `${cpu}, ${cores} cores, ${memoryMiB} MiB, Linux ${linux}, Node ${node}, ffmpeg ${ffmpeg}, ONNX Runtime ${onnxruntime}`
  return `| ${name} | ${what} | ${loadAverage.before}, ${loadAverage.after} | ${repeats} | ${seconds} |`
}
