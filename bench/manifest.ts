/**
 * Files taken into the manifest a second: 100 that share a commit, and one a commit. Prints JSON; `ratio` is one ÷ the other.
 *
 *     node --import tsx bench/manifest.ts
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openSqliteManifest } from '../src/adapters/manifest/open-manifest.ts'
import { epochMs } from '../src/domain/units.ts'
import { median } from './figures.ts'

const [rounds, alone, together] = [3, 300, 10_000]

const home = await mkdtemp(join(tmpdir(), 'belay-bench-manifest-'))
const manifest = await openSqliteManifest(home)
try {
  await manifest.beginBoot(epochMs(1))
  let sequence = 0
  const add = () => {
    const path = `dock-1/model/dock-1_model_20261122T020836123Z_7-${String(++sequence).padStart(6, '0')}.csv`
    return manifest.add(
      { path, bytes: 1, sha256: String(sequence).padStart(64, '0'), rows: 1, priority: 5 },
      epochMs(2),
    )
  }
  const perSecond = async (count: number, at: number): Promise<number> => {
    const began = performance.now()
    for (let done = 0; done < count; done += at) await Promise.all(Array.from({ length: at }, add))
    return count / ((performance.now() - began) / 1000)
  }
  const [one, hundred]: [number[], number[]] = [[], []]
  for (let round = 0; round < rounds; round++) {
    one.push(await perSecond(alone, 1))
    hundred.push(await perSecond(together, 100))
  }
  const enqueue = { onePerCommit: median(one), hundredPerCommit: median(hundred) }
  console.log(JSON.stringify({ enqueue: { ...enqueue, ratio: enqueue.hundredPerCommit / enqueue.onePerCommit } }))
} finally {
  await manifest.close()
  await rm(home, { recursive: true, force: true })
}
