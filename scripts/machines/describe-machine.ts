import type { AnyStateMachine, AnyStateNode } from 'xstate'
import { getStateNodes } from 'xstate/graph'
import type { FoundMachine } from './all-machines.ts'
import { drawDiagram } from './draw-diagram.ts'
import { ownersOf, readMachineSource } from './machine-source.ts'
import { actorWords, causeOf } from './words.ts'

/** One machine's part of `src/machines/README.md`. */
export function describeMachine({ machine, file }: FoundMachine): string {
  const { header, actors } = readMachineSource(file)
  const states = getStateNodes(machine)
  const owners = ownersOf(file).map((slot) => `[${slot}](../slots/${slot}-slot.ts)`)
  const heard = (machine.events as string[]).filter((type) => !type.startsWith('xstate.'))
  const ready = states.filter(({ tags }) => tags.includes('ready')).map(nameOf)
  const requests = requestsOf(machine)
  return [
    `## ${machine.id}`,
    header.join('\n\n'),
    [
      `- **Source**: [${file}](${file})`,
      `- **Owner**: the ${owners.length === 1 ? 'slot' : 'slots'} ${owners.join(', ')}`,
      `- **Hears**: ${codes(heard)}`,
      `- **Ready**: ${ready.length === 0 ? 'as soon as it runs' : `in ${codes(ready)}`}`,
    ].join('\n'),
    table(
      ['runs', 'while', 'which', 'and tells it', 'and is told'],
      Object.entries(actors).map(([name, { comment, tells }]) => {
        const runs = states.filter(({ invoke }) => invoke.some(({ src }) => src === name))
        return [codes([name]), codes(runs.map(nameOf)), comment, codes(tells), codes(requests.get(name) ?? [])]
      }),
    ),
    ['```mermaid', drawDiagram(machine), '```'].join('\n'),
    table(
      ['state', 'meaning', 'takes and stays'],
      states.map((state) => [
        `${codes([nameOf(state)])}${state.type === 'final' ? ', the end' : ''}`,
        state.description ?? '',
        codes(staysOn(state, machine)),
      ]),
    ),
  ].join('\n\n')
}

const nameOf = ({ path }: AnyStateNode): string => path.join('.')
const codes = (words: readonly string[]): string => words.map((word) => `\`${word}\``).join(', ')

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  // A column in which nothing stands is left out.
  const columns = head.map((_, index) => index).filter((index) => rows.some((row) => row[index] !== ''))
  const line = (cells: readonly string[]) => `| ${columns.map((index) => cells[index]).join(' | ')} |`
  return [line(head), `|${'---|'.repeat(columns.length)}`, ...rows.map(line)].join('\n')
}

/** What is noted in a state and doesn't change it. */
const staysOn = ({ transitions }: AnyStateNode, machine: AnyStateMachine): string[] =>
  [...transitions.values()]
    .flat()
    .filter(({ target, actions }) => target === undefined && actions.length > 0)
    .map((transition) => causeOf(transition, machine))

/** What a machine asks of the actors that it runs, by their names. */
function requestsOf(machine: AnyStateMachine): Map<string, string[]> {
  const requests = new Map<string, string[]>()
  for (const { entry, exit, transitions } of [machine.root, ...getStateNodes(machine)]) {
    const actions = [...entry, ...exit, ...[...transitions.values()].flat().flatMap((transition) => transition.actions)]
    for (const action of actions) {
      const { type, to, event } = implementationOf(action, machine)
      if (type !== 'xstate.sendTo' || to === undefined || event === undefined) continue
      const name = actorWords(to, machine)
      requests.set(name, [...new Set([...(requests.get(name) ?? []), event.type])])
    }
  }
  return requests
}

/** What XState hangs on an action that it has built. */
interface Built {
  readonly type?: string
  readonly to?: string
  readonly event?: { readonly type: string }
}

function implementationOf(action: unknown, { implementations: { actions } }: AnyStateMachine): Built {
  const name = typeof action === 'string' ? action : (action as { readonly type: string }).type
  return (actions[name] ?? action) as Built
}
