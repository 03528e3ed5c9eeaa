/**
 * Adds up the reports that vitest wrote as JSON and prints `N passed, N failed`. What is missing counts as failed: a report,
 * a test that was skipped, a file that could not be loaded, an error that no test caught.
 */
import { existsSync, readFileSync } from 'node:fs'

let passed = 0
let failed = 0
for (const file of process.argv.slice(2)) {
  if (!existsSync(file)) {
    failed++
    continue
  }
  const report = JSON.parse(readFileSync(file, 'utf8'))
  const unloaded = report.testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
  )
  const notRun = report.numPendingTests + report.numTodoTests
  const failures = report.numFailedTests + unloaded.length + notRun
  passed += report.numPassedTests
  failed += failures === 0 && !report.success ? 1 : failures
}
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1
