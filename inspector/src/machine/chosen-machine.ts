import type { ActorView } from '../../../src/inspection-feed/protocol.ts'
import type { Scene } from '../history/scene.ts'
import { inTrouble } from '../parts/in-trouble.ts'

/** The machines of a scene, and the path of the one to look at: what is asked for, be it there or not, or else the most telling. */
export function chosenMachine(
  { state, pictures }: Pick<Scene, 'state' | 'pictures'>,
  asked: string,
): { readonly machines: readonly ActorView[]; readonly path: string | undefined } {
  const machines = state.actors.filter(({ path }) => pictures.get(path)?.machine != null)
  return { machines, path: asked === '' ? mostTelling(machines)?.path : asked }
}

/** What is in trouble, or else a camera. */
const mostTelling = (machines: readonly ActorView[]): ActorView | undefined => inTrouble(machines)[0] ?? machines.at(-1)
