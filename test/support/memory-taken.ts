/** The most bytes outside of the heap, where pictures lie, that one of `times` runs of `work` has taken. What is shared between threads is not counted. */
export async function memoryTaken(times: number, work: () => unknown): Promise<number> {
  let most = 0
  for (let run = 0; run < times; run++) {
    const before = process.memoryUsage().arrayBuffers
    await work()
    most = Math.max(most, process.memoryUsage().arrayBuffers - before)
  }
  return most
}
