import { readFileSync } from 'node:fs'

const ticksPerSecond = 100

/** Processor seconds that all cores together have been busy since the machine's start. */
export const busySeconds = (): number => busyOf(readFileSync('/proc/stat', 'utf8'))

/** From the first line of `/proc/stat`: everything but idle and waiting for disks. */
export function busyOf(text: string): number {
  const [, ...fields] = (text.split('\n')[0] ?? '').trim().split(/\s+/)
  const [user = NaN, nice = NaN, system = NaN, , , irq = NaN, softirq = NaN, steal = NaN] = fields.map(Number)
  const busy = (user + nice + system + irq + softirq + steal) / ticksPerSecond
  if (Number.isNaN(busy)) throw new Error(`Not /proc/stat: ${text.slice(0, 100)}`)
  return busy
}
