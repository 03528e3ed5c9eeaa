/** Whether the page has what the daemon remembers. */
export type HistoryStatus =
  | { readonly kind: 'whole' }
  | { readonly kind: 'loading' }
  /** It is asked for again. */
  | { readonly kind: 'failed'; readonly why: string }

/** What is to be said of it; `isThere`: some of it can be shown. */
export function historyWords(status: HistoryStatus, isThere: boolean): string | undefined {
  switch (status.kind) {
    case 'whole':
      return undefined
    case 'loading':
      return isThere
        ? 'What the page has missed is loading.'
        : 'The history is loading: what has happened until now is not here yet.'
    case 'failed':
      return `The history could not be loaded (${status.why}), and is asked for again.`
  }
}
