/**
 * How long the page waits with a picture before it asks for the next, in ms. The daemon would make one twice a second; once is what a page
 * that is left open may cost, with the feed beside it (`feed.cost` in docs/performance.md).
 */
export const previewIntervalMs = 1_000
