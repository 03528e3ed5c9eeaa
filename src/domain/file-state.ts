/** Every state that a sealed file can be in, in the order of its way. */
export const fileStates = [
  /** Sealed, and to be packed into another file; not delivered by itself. */
  'held',
  /** Its content went into another file, which is delivered in its stead. */
  'packed',
  /** Waits for its time. */
  'pending',
  /** In an uploader's hands. */
  'sending',
  /** Verified on the server. */
  'delivered',
  /** Delivered, and its local copy was deleted after `keepFor`. */
  'removed',
  /** The server holds another file under its name; ours is kept and never sent over it. */
  'conflict',
  /** The local file is gone or no longer what was sealed. */
  'refused',
  /** It failed too often by its own fault while others got through; sent again only when somebody says so. */
  'deadLetter',
  /** It was refused, and somebody has said that its content is nowhere to be had; the record stays. */
  'lost',
] as const

export type FileState = (typeof fileStates)[number]

/** The changes that there are; any other is a bug, or somebody else's hand in the manifest. `new`: not known yet. */
export const legalChanges: Readonly<Record<FileState | 'new', readonly FileState[]>> = {
  new: ['held', 'pending'],
  held: ['packed', 'pending', 'refused'],
  packed: [],
  pending: ['sending'],
  sending: ['pending', 'delivered', 'conflict', 'refused', 'deadLetter'],
  delivered: ['removed', 'conflict', 'pending'],
  removed: [],
  conflict: ['pending'],
  refused: ['pending', 'lost'],
  deadLetter: ['pending'],
  // It has turned up after all.
  lost: ['pending'],
}

/** One value for each state. */
export const perState = <T>(of: (state: FileState) => T): Record<FileState, T> =>
  Object.fromEntries(fileStates.map((state) => [state, of(state)])) as Record<FileState, T>

/** Not delivered, and nobody has to do anything about it: it is on its way. */
export const underway = ['held', 'pending', 'sending'] as const satisfies readonly FileState[]

/** Kept here until a person acts. */
export const setAside = ['conflict', 'refused', 'deadLetter'] as const satisfies readonly FileState[]

/** The server has, or had, their content under their own name. */
export const arrived = ['delivered', 'removed'] as const satisfies readonly FileState[]

export const sumOf = (counts: Readonly<Record<FileState, number>>, states: readonly FileState[]): number =>
  states.reduce((sum, state) => sum + counts[state], 0)
