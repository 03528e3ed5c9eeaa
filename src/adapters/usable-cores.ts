import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { dirname, join } from 'node:path'

export interface UsableCoresOptions {
  /** Those that the process may run on. */
  readonly allowed?: number
  /** Says which control group the process is in. */
  readonly group?: string
  /** Where control groups are mounted, version 2. */
  readonly root?: string
}

/**
 * Cores that the process may keep busy: no more than the quota of its control group, or of one above it, pays for.
 *
 * Not every Node knows of quotas, and none of those below one core.
 */
export function usableCores({
  allowed = availableParallelism(),
  group = '/proc/self/cgroup',
  root = '/sys/fs/cgroup',
}: UsableCoresOptions = {}): number {
  const path = /^0::(\/.*)$/m.exec(textOf(group))?.[1]
  if (path === undefined) return allowed
  let cores = allowed
  for (let above = join('/', path); ; above = dirname(above)) {
    const [, quota, period] = /^(\d+) (\d+)$/m.exec(textOf(join(root, above, 'cpu.max'))) ?? []
    if (quota !== undefined) cores = Math.min(cores, Math.max(1, Math.ceil(Number(quota) / Number(period))))
    if (above === '/') return cores
  }
}

/** Nothing where it cannot be read: the group at the root has no quota, and a container may not see those above its own. */
function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
