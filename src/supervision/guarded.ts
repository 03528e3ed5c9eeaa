/** What a listener throws is its own bug: it goes to the process, and not into the tree. */
export function guarded<What>(listener: (what: What) => void, what: What): void {
  try {
    listener(what)
  } catch (error) {
    queueMicrotask(() => {
      throw error
    })
  }
}
