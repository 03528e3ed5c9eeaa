import { fromPromise } from 'xstate'

/** Something that a slot holds open for those that start after it. */
export interface Resource {
  /** Resolves with words that say what was opened. */
  open(): Promise<string>
  close(): Promise<void>
}

export const createResourceActors = (resource: Resource) => ({
  openResource: fromPromise(() => resource.open()),
  closeResource: fromPromise(() => resource.close()),
})
