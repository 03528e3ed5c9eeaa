import { describe, expect, it } from 'vitest'
import type { Config } from '../../src/config/config.ts'
import { runPlant } from './run-plant.ts'

/** A daemon that spends its restarts, and so drains although nobody has asked it to. */
async function plantThatGivesUp() {
  let config: Config | undefined
  const plant = await runPlant((given) => (config = given))
  const { process, reports, warnings, pass, serverTakes } = plant
  const { daemon } = process
  // What is left to deliver takes its time.
  serverTakes(3_000)
  for (let crashes = 0; crashes < 5; crashes++) {
    process.crash('root/inspector')
    await pass(5_000)
  }
  return {
    ...plant,
    cameras: () => daemon.state().cameras.map(({ id }) => id),
    aboutConfiguration: () => warnings.filter(({ fact }) => fact.startsWith('configuration')),
    async giveUp() {
      process.crash('root/inspector')
      await pass(100)
      expect(reports.filter(({ decision }) => decision === 'give_up').map(({ path }) => path)).toEqual(['root'])
      expect(process.end).toBeUndefined()
    },
    /** To a configuration that has this camera no more. */
    reloadWithout: (id: string) =>
      daemon.reload(async () => {
        if (config === undefined) throw new Error('It was not configured')
        return { ok: true, config: { ...config, cameras: config.cameras.filter((camera) => camera.id !== id) } }
      }),
  }
}

const refused = {
  fact: 'configuration refused: nothing was changed',
  fields: { mistakes: ['the daemon is stopping'] },
}

describe('a daemon that ends by itself', () => {
  it('refuses a reload while it drains, and when it has ended', async () => {
    const plant = await plantThatGivesUp()
    await plant.giveUp()
    await plant.reloadWithout('dock-1')
    expect(plant.aboutConfiguration()).toEqual([refused])
    await plant.pass(60_000)
    expect(plant.process.end?.root).toMatchObject({ ended: 'shutdown' })
    await plant.reloadWithout('dock-1')
    expect(plant.aboutConfiguration()).toEqual([refused, refused])
    expect(plant.cameras()).toEqual(['dock-1', 'belt-2'])
  })

  it('ends a reload that is under way where it is, and says so', async () => {
    const plant = await plantThatGivesUp()
    let isDone = false
    void plant.reloadWithout('dock-1').then(() => (isDone = true))
    // The camera's process takes its time to go.
    await plant.hang('video.exit')
    expect(isDone).toBe(false)
    await plant.giveUp()
    expect(isDone).toBe(true)
    expect(plant.aboutConfiguration()).toMatchObject([
      { fact: 'configuration applied in part: the daemon is stopping', fields: { removed: ['dock-1'] } },
    ])
    await plant.pass(60_000)
    expect(plant.process.end?.root).toMatchObject({ ended: 'shutdown' })
  })
})
