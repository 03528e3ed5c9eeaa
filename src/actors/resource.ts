import { fromPromise } from 'xstate'

/** Something that a slot holds open for those that start after it. */
export interface Resource {
  /** Resolves with words that say what was opened. */
  open(): Promise<string>
  close(): Promise<void>
  /** Rejects when what was opened is found to be broken by a bug; never resolves. Absent: nobody looks. */
  readonly broken?: Promise<never>
}

export const createResourceActors = (resource: Resource) => ({
  openResource: fromPromise(() => resource.open()),
  resourceBroken: fromPromise<never>(() => resource.broken ?? new Promise<never>(() => undefined)),
  closeResource: fromPromise(() => resource.close()),
})
