/**
 * Adds up the reports that vitest wrote as JSON and prints, last of all, what failed and `N passed, N failed`. What is missing
 * counts as failed: a report, a test that was skipped, a file that could not be loaded, an error that no test caught.
 */
import { existsSync, readFileSync } from 'node:fs'
import { relative } from 'node:path'

let passed = 0
let failed = 0
for (const file of process.argv.slice(2)) {
  if (!existsSync(file)) {
    failed++
    console.log(`\nno report: ${file}`)
    continue
  }
  const report = JSON.parse(readFileSync(file, 'utf8'))
  const failures = report.testResults.flatMap(failuresOf)
  if (failures.length === 0 && !report.success) failures.push('an error that no test caught: see above')
  passed += report.numPassedTests
  failed += failures.length
  for (const failure of failures) console.log(`\n${failure}`)
}
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1

/** Each of a file's tests that did not pass, with what it said; or the file, where it could not be loaded or a hook failed. */
function failuresOf({ name, status, message, assertionResults }) {
  const path = relative(process.cwd(), name)
  const failing = assertionResults.filter((test) => test.status !== 'passed')
  if (failing.length === 0 && status === 'failed') return [`${path}: ${message}`]
  return failing.map(
    (test) => `${path} > ${test.fullName}: ${test.status}\n${test.failureMessages.join('\n') || message}`,
  )
}
