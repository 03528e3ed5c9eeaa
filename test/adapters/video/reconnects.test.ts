import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { drawGrey, makeClip } from '../../support/make-clip.ts'
import { type SoakSample, soak } from '../../support/reconnects.ts'

describe('cameras that lose their streams 200 times', () => {
  it('leave no process and no open file behind, and hold no more memory than before', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'belay-soak-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const h264File = join(folder, 'grey.h264')
    await makeClip(h264File, { size: { width: 64, height: 64 }, rate: 20, frames: 40, draw: drawGrey })
    const samples: SoakSample[] = []
    const rounds = { cameras: 5, reconnectsInRound: 50, rounds: 4 }
    for await (const each of soak({ h264File, fps: 20, ...rounds })) samples.push(each)

    expect(samples.map(({ reconnects }) => reconnects)).toEqual([50, 100, 150, 200])
    expect(samples.map(({ children }) => children)).toEqual([0, 0, 0, 0])
    const [first, , , last] = samples as [SoakSample, SoakSample, SoakSample, SoakSample]
    // A picture at least for each connection.
    expect(last.pictures).toBeGreaterThanOrEqual(200)
    expect(last.openFiles).toBe(first.openFiles)
    expect(last.usedMiB - first.usedMiB).toBeLessThan(3)
  }, 600_000)
})
