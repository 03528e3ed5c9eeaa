import { describe, expect, it } from 'vitest'
import { conclude } from '../../src/commands/run/conclude.ts'
import { milliseconds } from '../../src/domain/units.ts'
import { runPlant } from './run-plant.ts'

describe('a stop while the server is slow', () => {
  it('gives the uploader its time again for each file that arrives, and ends with all of them delivered', async () => {
    const plant = await runPlant((config) => ({ ...config, sftp: { ...config.sftp, filesInFlight: 1, channels: 1 } }))
    plant.serverTakes(3000)
    const { process, pass, reports } = plant
    const began = process.clock.monotonic()
    process.stop()
    await pass(60_000)
    const took = (path: string, decision: string) =>
      (reports.find((report) => report.path === path && report.decision === decision)?.at ?? NaN) - began
    expect(took('root/uploader', 'leave') - took('root/uploader', 'stop')).toBeGreaterThan(15_000)
    expect(took('root', 'end')).toBeLessThanOrEqual(60_000)
    expect(process.end?.root).toMatchObject({ ended: 'asked', drained: true })
    const accepted = process.end?.accounts.reduce((sum, { rows }) => sum + rows.accepted, 0)
    expect(plant.delivered()).toBe(accepted)
  })
})

describe('a stop while the server does not answer', () => {
  it('waits until the session has been let go, so that nothing of it is still held', async () => {
    const { process, pass, serverTakes, serverEndsAfter, warnings } = await runPlant()
    serverTakes(600_000)
    serverEndsAfter(2_000)
    process.stop()
    await pass(60_000)
    expect(process.end?.root).toMatchObject({ ended: 'asked', drained: false })
    const decisions = warnings.flatMap(({ fact, fields }) => (fact === 'supervisor' ? [fields['decision']] : []))
    expect(decisions).toEqual(['cut_off'])
  })
})

describe('a stop while the disk is slow', () => {
  it('gives the writer its time again for each file that it seals, and ends with all of them sealed', async () => {
    const plant = await runPlant((config) => ({ ...config, stop: { ...config.stop, csvWriter: milliseconds(3_000) } }))
    plant.diskTakes(500)
    const { process, pass, reports } = plant
    process.stop()
    await pass(60_000)
    const at = (which: string) =>
      reports.find(({ path, decision }) => path === 'root/csv-writer' && decision === which)?.at ?? NaN
    expect(at('leave') - at('stop')).toBeGreaterThan(3_000)
    expect(process.end?.root).toMatchObject({ ended: 'asked', drained: true })
  })
})

describe('a stop that takes longer than its budget', () => {
  const stopOf = (budget: number, hardCap: number) =>
    runPlant((config) => ({
      ...config,
      sftp: { ...config.sftp, filesInFlight: 1, channels: 1 },
      stop: { ...config.stop, budget: milliseconds(budget), hardCap: milliseconds(hardCap) },
    }))

  it.each([
    { hardCap: 30_000, drained: false }, // its budget, and no more
    { hardCap: 60_000, drained: true },
  ])('goes on while files arrive, up to $hardCap ms', async ({ hardCap, drained }) => {
    const { process, pass, serverTakes } = await stopOf(30_000, hardCap)
    serverTakes(3_000)
    process.stop()
    await pass(hardCap)
    expect(process.end?.root).toMatchObject({ ended: 'asked', drained })
  })

  it('ends within its budget while none does', async () => {
    const { process, pass, serverTakes } = await stopOf(10_000, 60_000)
    serverTakes(600_000)
    process.stop()
    await pass(10_000)
    expect(process.end?.root).toMatchObject({ ended: 'asked', drained: false })
  })

  it('is cut short when it is asked for again', async () => {
    const { process, pass, serverTakes } = await stopOf(60_000, 60_000)
    serverTakes(3_000)
    process.stop()
    await pass(1_000)
    process.stop()
    await pass(5_000)
    expect(process.end?.root).toMatchObject({ ended: 'asked', drained: false })
  })
})

describe('a stop while the disk takes nothing any more', () => {
  it('ends all the same, and its last words count the rows that were never accepted', async () => {
    const { process, pass, diskRefuses } = await runPlant()
    diskRefuses(true)
    await pass(2000)
    process.stop()
    await pass(120_000)
    const { end } = process
    if (end === undefined) throw new Error('It has not ended')
    const sum = (of: 'produced' | 'accepted' | 'queued') => end.accounts.reduce((all, { rows }) => all + rows[of], 0)
    expect(sum('queued')).toBeGreaterThan(0)
    expect(conclude(end)).toEqual({
      code: 75,
      words: `Cut off: csv-writer. What was accepted is on disk and is picked up at the next start. Lost, since no disk took them: ${sum('queued')} rows.`,
    })
  })
})
