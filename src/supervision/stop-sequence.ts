import type { Child, Flags } from './core-state.ts'

/** `children` in the order in which they are to be stopped. */
export function stopSequence({ stopOrder }: Pick<Flags, 'stopOrder'>, children: readonly Child[]): Child[] {
  const backwards = children.toSorted((a, b) => b.order - a.order)
  if (stopOrder === undefined) return backwards
  const places = new Map(stopOrder.map((id, place) => [id, place]))
  const placeOf = (child: Child) => places.get(child.rules.id) ?? -1
  // A stable sort: those that are not in the order come first, last started first.
  return backwards.sort((a, b) => placeOf(a) - placeOf(b))
}
