/**
 * What a spreadsheet takes for the start of a formula: `=`, `+`, `-`, `@` and their full-width forms, and the white space
 * that it strips before looking again (the list of OWASP's "CSV injection" page).
 */
const formulaStart = /^[=+\-@\t\r\n＝＋－＠]/

/**
 * A text cell that a spreadsheet shows instead of running: an apostrophe goes in front of what would start a formula.
 * For texts only; a negative number is a number.
 */
export function neutralText(text: string): string {
  // NUL first: the formatter drops it, and what stood behind it would come to the front.
  const visible = text.includes('\0') ? text.replaceAll('\0', '') : text
  return formulaStart.test(visible) ? `'${visible}` : visible
}
