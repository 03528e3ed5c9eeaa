/** What this process makes from here on, nobody but its user and its group may read; a umask that is stricter stays. */
export function shutOutOthers(): void {
  const before = process.umask(0o027)
  process.umask(before | 0o027)
}
