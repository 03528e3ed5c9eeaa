import charts from './statecharts.json' with { type: 'json' }
import type { ChartLayout } from './statechart-layout.ts'

const byMachine = new Map((charts as readonly ChartLayout[]).map((chart) => [chart.id, chart]))

export const chartLayout = (machine: string): ChartLayout | undefined => byMachine.get(machine)

/** The machine's own words for where it is, or for what encloses that. */
export function descriptionOf(machine: string, nodes: readonly string[]): string | null {
  const chart = byMachine.get(machine)
  const texts = nodes.map((node) => {
    for (let path = node; path !== ''; path = path.slice(0, Math.max(0, path.lastIndexOf('.')))) {
      const text = chart?.states.find((state) => state.path === path)?.description
      if (text != null) return text
    }
    return undefined
  })
  const found = [...new Set(texts.filter((text) => text !== undefined))]
  return found.length === 0 ? null : found.join(' · ')
}
