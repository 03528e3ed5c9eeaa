interface Age {
  readonly words: string
  /** As the daemon is asked for it. */
  readonly olderThan: string
  readonly ms: number
}

/** How long ago a file was sealed, at least. */
export const ages: readonly Age[] = [
  { words: 'any age', olderThan: '', ms: 0 },
  { words: '10 min and older', olderThan: '10m', ms: 600_000 },
  { words: '1 h and older', olderThan: '1h', ms: 3_600_000 },
  { words: '1 d and older', olderThan: '1d', ms: 86_400_000 },
  { words: '7 d and older', olderThan: '7d', ms: 604_800_000 },
]
