/**
 * The labels in an exporter's `names`, in the order of their classes: Python's `{0: 'bolt', 1: "nut's"}` and `['bolt', 'nut']`, or the same in JSON.
 *
 * `undefined` if the text is neither, or the classes don't count from 0 without a gap.
 */
export function parseLabelNames(text: string): string[] | undefined {
  const trimmed = text.trim()
  const inside = trimmed.slice(1, -1)
  if (trimmed.startsWith('[') && trimmed.endsWith(']')) return parseItems(inside, listItem, (index) => index)
  if (trimmed.startsWith('{') && trimmed.endsWith('}')) return parseItems(inside, dictItem, (_, key) => Number(key))
  return undefined
}

const string = String.raw`('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")`
const listItem = new RegExp(String.raw`\s*()${string}\s*(?:,|$)`, 'y')
const dictItem = new RegExp(String.raw`\s*["']?(\d+)["']?\s*:\s*${string}\s*(?:,|$)`, 'y')

function parseItems(text: string, item: RegExp, classOf: (index: number, key: string) => number): string[] | undefined {
  const labels = new Map<number, string>()
  const rest = text.trim()
  for (let at = 0; at < rest.length; at = item.lastIndex) {
    item.lastIndex = at
    const [, key, quoted] = item.exec(rest) ?? []
    if (key === undefined || quoted === undefined) return undefined
    labels.set(classOf(labels.size, key), unquote(quoted))
  }
  const inOrder = [...labels].sort(([a], [b]) => a - b)
  const counts = inOrder.length > 0 && inOrder.every(([classIndex], index) => classIndex === index)
  return counts ? inOrder.map(([, label]) => label) : undefined
}

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' }

const unquote = (quoted: string): string =>
  quoted
    .slice(1, -1)
    .replace(/\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(.))/gs, (_, wide?: string, narrow?: string, one?: string) =>
      one === undefined ? String.fromCharCode(Number.parseInt(wide ?? narrow ?? '', 16)) : (escapes[one] ?? one),
    )
