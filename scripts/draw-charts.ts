/**
 * Writes inspector/src/charts.json: the statecharts of the daemon's machines, each with a place for everything. `--check` only
 * says whether the file is up to date.
 *
 * Run: node --import tsx scripts/draw-charts.ts
 */
import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { chartOf } from '../src/inspection-feed/chart.ts'
import { cameraMachine } from '../src/machines/camera-machine.ts'
import { csvWriterMachine } from '../src/machines/csv-writer-machine.ts'
import { inferenceMachine } from '../src/machines/inference-machine.ts'
import { inspectorMachine } from '../src/machines/inspector-machine.ts'
import { resourceMachine } from '../src/machines/resource-machine.ts'
import { uploaderMachine } from '../src/machines/uploader-machine.ts'
import { layOutChart } from './lay-out-chart.ts'

export const chartsFile = fileURLToPath(new URL('../inspector/src/charts.json', import.meta.url))

export const drawnMachines = [
  cameraMachine,
  csvWriterMachine,
  inferenceMachine,
  inspectorMachine,
  resourceMachine,
  uploaderMachine,
]

export async function drawCharts(): Promise<string> {
  const layouts = []
  for (const machine of drawnMachines) layouts.push(await layOutChart(chartOf(machine)))
  return `${JSON.stringify(layouts, null, 1)}\n`
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const text = await drawCharts()
  const isCurrent = text === (await readFile(chartsFile, 'utf8').catch(() => ''))
  if (process.argv.includes('--check')) process.exitCode = isCurrent ? 0 : 1
  else await writeFile(chartsFile, text)
  console.log(
    `${chartsFile}: ${isCurrent ? 'is up to date' : process.argv.includes('--check') ? 'is stale' : 'written'}`,
  )
}
