import { describe, expect, it } from 'vitest'
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
