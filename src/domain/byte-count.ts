const units = ['B', 'kB', 'MB', 'GB', 'TB'] as const

/** For people, in powers of 1,000 as the configuration has them: `512 B`, `1.4 MB`, `23 GB`. */
export function byteCount(bytes: number): string {
  let [value, unit] = [bytes, 0]
  while (value >= 999.5 && unit < units.length - 1) [value, unit] = [value / 1000, unit + 1]
  return `${value < 9.95 && unit > 0 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`
}
