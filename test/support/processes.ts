import { readFile, readdir } from 'node:fs/promises'

export interface ProcessView {
  readonly pid: number
  readonly parent: number
  /** `Z` is a zombie. */
  readonly state: string
  /** Its arguments, separated by spaces. */
  readonly command: string
  readonly environment: string
}

/** The process `pid`; `undefined` when there is none, or only a zombie's remains of its arguments. */
export async function processView(pid: number): Promise<ProcessView | undefined> {
  const read = async (file: string): Promise<string> => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '')
  const stat = await read('stat')
  // The name, in parentheses, may hold anything.
  const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  if (state === undefined || parent === undefined) return undefined
  const [command, environment] = await Promise.all([read('cmdline'), read('environ')])
  return { pid, parent: Number(parent), state, command: command.replaceAll('\0', ' ').trim(), environment }
}

/** Every process below `ancestor`. */
export async function descendants(ancestor: number): Promise<ProcessView[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number)
  const all = (await Promise.all(pids.map(processView))).filter((view) => view !== undefined)
  const below = (pid: number): ProcessView[] =>
    all.filter((view) => view.parent === pid).flatMap((view) => [view, ...below(view.pid)])
  return below(ancestor)
}
