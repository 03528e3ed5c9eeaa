/** Live cameras that together send four times what the threads can do; more of them than `least` where a recording has too few pictures a second. */
export function overload(capacity: number, clipRate: number, least: number): { cameras: number; fps: number } {
  const wanted = 4 * capacity
  const cameras = Math.max(least, Math.ceil(wanted / clipRate))
  return { cameras, fps: wanted / cameras }
}
