import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

// As the daemon does: nothing that the tests run reports to anybody.
process.env['ORT_DISABLE_TELEMETRY'] = '1'

/** Only what hangs is given up: a slow machine is no failure. */
const patience = { testTimeout: 60_000, hookTimeout: 60_000, expect: { poll: { timeout: 30_000 } } }

/**
 * Projects by what a test needs: `unit` (pure code and machines on a virtual clock) runs on any Node without a system
 * package; `adapters` uses real threads, files and sockets; `e2e` runs the built daemon against ffmpeg, sshd and Chromium, two
 * at a time and when all else is done.
 */
export default defineConfig({
  test: {
    reporters: ['default'],
    // Vitest leaves one core alone; most of what the adapters' tests do is wait.
    maxWorkers: availableParallelism(),
    projects: [
      { test: { name: 'tidy', include: ['test/tidy.test.ts'], ...patience } },
      {
        test: {
          name: 'unit',
          include: [
            'test/{domain,config,slots,storage,delivery,frame-path,supervision,machines,actors,inspection-feed,logging,process,inspector,commands,scripts}/**/*.test.ts',
          ],
          ...patience,
          // Modules are loaded once for all files: a third of the time. What one of them keeps, no unit test may count on.
          isolate: false,
        },
      },
      // The whole daemon on virtual time: minutes of computing, and so on one Node only.
      { test: { name: 'simulation', include: ['test/simulation/**/*.test.ts'], ...patience } },
      {
        test: {
          name: 'adapters',
          include: ['test/{adapters,workers,contracts,models}/**/*.test.ts'],
          ...patience,
          pool: 'forks',
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          globalSetup: ['test/e2e/setup/build.ts'],
          ...patience,
          testTimeout: 180_000,
          hookTimeout: 180_000,
          pool: 'forks',
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
})
