import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { usableCores } from '../../src/adapters/usable-cores.ts'

/** Control groups, each with what its `cpu.max` says. */
async function groupsOf(own: string, quotas: Readonly<Record<string, string>>) {
  const folder = await mkdtemp(join(tmpdir(), 'belay-groups-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const [group, root] = [join(folder, 'cgroup'), join(folder, 'root')]
  await writeFile(group, own)
  for (const [path, quota] of Object.entries(quotas)) {
    await mkdir(join(root, path), { recursive: true })
    await writeFile(join(root, path, 'cpu.max'), `${quota}\n`)
  }
  return { group, root, allowed: 32 }
}

const own = '0::/system.slice/belay.service\n'

describe('the cores that a process may keep busy', () => {
  it.each([
    { what: 'no quota', own, quotas: { '/system.slice/belay.service': 'max 100000' }, cores: 32 },
    { what: 'a quota of two', own, quotas: { '/system.slice/belay.service': '200000 100000' }, cores: 2 },
    { what: 'of two and a little', own, quotas: { '/system.slice/belay.service': '200001 100000' }, cores: 3 },
    { what: 'below one', own, quotas: { '/system.slice/belay.service': '20000 100000' }, cores: 1 },
    { what: 'of more than there are', own, quotas: { '/system.slice/belay.service': '6400000 100000' }, cores: 32 },
    {
      what: 'a smaller one above it',
      own,
      quotas: { '/system.slice/belay.service': '400000 100000', '/system.slice': '150000 50000' },
      cores: 3,
    },
    { what: "a container's own root", own: '0::/\n', quotas: { '/': '200000 100000' }, cores: 2 },
    { what: 'a container that sees the path of its host', own, quotas: { '/': '200000 100000' }, cores: 2 },
    { what: 'a group outside of what is seen', own: '0::/../other\n', quotas: { '/': '200000 100000' }, cores: 2 },
    { what: 'both versions, of which the first rules', own: `4:cpu:/belay\n${own}`, quotas: {}, cores: 32 },
    { what: 'no second version', own: '4:cpu:/belay\n', quotas: { '/belay': '200000 100000' }, cores: 32 },
  ])('are $cores with $what', async ({ own, quotas, cores }) => {
    expect(usableCores(await groupsOf(own, quotas))).toBe(cores)
  })

  it('are at least one, and no more than it may run on, on this machine', () => {
    expect(usableCores()).toBeGreaterThanOrEqual(1)
    expect(usableCores()).toBeLessThanOrEqual(availableParallelism())
    expect(usableCores({ group: '/proc/none', allowed: 7 })).toBe(7)
  })
})
