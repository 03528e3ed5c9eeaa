import { DiskError } from '../domain/disk-error.ts'

/**
 * After a failure, which is the one to tell: each step is tried, and where the disk refuses one, what it was about is left to
 * whoever tries next. A bug is thrown on.
 */
export async function tidyUp(...steps: readonly (() => Promise<void>)[]): Promise<void> {
  for (const step of steps) {
    try {
      await step()
    } catch (error) {
      if (!(error instanceof DiskError)) throw error
    }
  }
}
