import type { AnyActorRef, EventObject } from 'xstate'

/** The part of XState 5.33.3's systems that is not in their types; `xstate-facts.test.ts` pins it. */
interface Relay {
  _relay(source: AnyActorRef, target: AnyActorRef, event: EventObject): void
}

/** Sends `event` to the parent as `sendBack` of XState's callbacks does: whoever inspects is told who says it, which `send` doesn't tell. */
export function tellParent(self: AnyActorRef, event: EventObject): void {
  const parent = self._parent
  if (parent !== undefined) (self.system as AnyActorRef['system'] & Relay)._relay(self, parent, event)
}
