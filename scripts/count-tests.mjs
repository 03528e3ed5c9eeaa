/** Adds up the reports that vitest wrote as JSON and prints `N passed, N failed`. */
import { readFileSync } from 'node:fs'

let passed = 0
let failed = 0
for (const file of process.argv.slice(2)) {
  const report = JSON.parse(readFileSync(file, 'utf8'))
  passed += report.numPassedTests
  failed += report.numFailedTests
  // A file that could not even be loaded has no tests of its own to count.
  failed += report.testResults.filter(
    (result) => result.status === 'failed' && result.assertionResults.length === 0,
  ).length
}
console.log(`${passed} passed, ${failed} failed`)
