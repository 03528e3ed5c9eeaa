/**
 * How long the page waits with a picture before it asks for the next, in ms. The daemon would make one twice a second; once is enough for
 * eyes, and a page that is left open takes half as much from inference (`feed.cost` in docs/performance.md).
 */
export const previewIntervalMs = 1_000
