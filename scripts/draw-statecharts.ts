/**
 * Writes inspector/src/machine/statecharts.json: the statecharts of the daemon's machines, each with a place for everything.
 *
 * Run: npm run draw
 */
import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { chartOf } from '../src/inspection-feed/chart.ts'
import { allMachines } from './machines/all-machines.ts'
import { layOutChart } from './machines/lay-out-chart.ts'

export const chartsFile = fileURLToPath(new URL('../inspector/src/machine/statecharts.json', import.meta.url))

export async function drawCharts(): Promise<string> {
  const layouts = []
  for (const { machine } of allMachines) layouts.push(await layOutChart(chartOf(machine)))
  return `${JSON.stringify(layouts, null, 1)}\n`
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await writeFile(chartsFile, await drawCharts())
