import { describe, expect, it } from 'vitest'
import { epochMs } from '../../src/domain/units.ts'
import { digestOf } from './shown.ts'
import { Estate } from './simulated-process.ts'

const path = 'dock-1/model/a.csv'
const content = Buffer.from('boot\n1\n')
const now = epochMs(0)

/** A file that is sealed here, and on the server under its final name: renamed last of all that was done there. */
async function renamed(): Promise<Estate> {
  const estate = new Estate()
  const { manifest, site } = estate
  await manifest.add({ path, bytes: content.length, sha256: String(digestOf(content)), rows: 1, priority: 5 }, now)
  site.server.put('.belay/a.part', content)
  site.server.put('dock-1/model/other.csv', 'boot\n')
  const session = await site.server.connect(new AbortController().signal)
  await session.rename('.belay/a.part', path)
  return estate
}

async function deliver({ manifest }: Estate): Promise<void> {
  const [entry] = await manifest.claim(1, now)
  await manifest.delivered(entry?.id ?? 0, now)
}

const none = (): boolean => false

describe('a server that loses its power', () => {
  it('forgets a name only where it is told to, and has the file under its last one again', async () => {
    const estate = await renamed()
    estate.forgotten.losePower(0, none)
    expect(estate.site.server.content(path)).toBe(content.toString())
    const other = await renamed()
    other.forgotten.losePower(2, none)
    expect(other.site.server.tree()).toEqual({
      '.belay/a.part': content.toString(),
      'dock-1/model/other.csv': 'boot\n',
    })
    // A rename is a link and an unlink.
    const both = await renamed()
    both.forgotten.losePower(1, none)
    expect(both.site.server.content('.belay/a.part')).toBe(content.toString())
    expect(both.site.server.content(path)).toBe(content.toString())
  })

  it('excuses a file that it has forgotten, where a try that began before says that it is delivered', async () => {
    const estate = await renamed()
    await estate.manifest.claim(1, now)
    estate.forgotten.losePower(2, none)
    expect([...estate.forgotten.excused]).toEqual([])
    await estate.manifest.delivered(1, now)
    expect([...estate.forgotten.excused]).toEqual([[path, content]])
    estate.site.server.put(path, content)
    expect([...estate.forgotten.excused]).toEqual([])
  })

  it('excuses none that it has kept, and none that is claimed and called delivered afterwards', async () => {
    const kept = await renamed()
    await deliver(kept)
    kept.forgotten.losePower(0, none)
    expect([...kept.forgotten.excused]).toEqual([])
    const late = await renamed()
    late.forgotten.losePower(2, none)
    await deliver(late)
    expect([...late.forgotten.excused]).toEqual([])
  })
})
