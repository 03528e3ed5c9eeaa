import { describe, expect, it } from 'vitest'
import { milliseconds } from '../../src/domain/units.ts'
import { createAcceptanceLog } from '../../src/logging/acceptance-log.ts'
import { notedLog } from '../fakes/noted-log.ts'
import { never, request, Writing } from '../storage/support/writing.ts'

function startLog() {
  const { log, said } = notedLog('debug')
  const writing = new Writing(undefined, { rotation: { ...never, rows: 4 }, commitEvery: milliseconds(50) })
  writing.queue.onAccepted = createAcceptanceLog(log)
  return { writing, said }
}

describe('rows that were accepted', () => {
  it('are said once for each commit, by the first and the last of them', async () => {
    const { writing, said } = startLog()
    const writer = await writing.started()
    writing.queue.append(request(7, 3))
    writing.queue.append(request(8, 2))
    writing.queue.append(request(9, 1, 'dock-2'))
    await writing.pass(50)
    expect(said).toEqual([
      {
        ...{ fact: 'rows accepted', series: 'dock-1/model', boot: 1 },
        ...{ first: [1, 7, 1], last: [1, 8, 2], requests: 2, rows: 5 },
      },
      {
        ...{ fact: 'rows accepted', series: 'dock-2/model', boot: 1 },
        ...{ first: [1, 9, 1], last: [1, 9, 1], requests: 1, rows: 1 },
      },
    ])
    await writing.finished(writer)
  })

  it('are not said before their sync has returned', async () => {
    const { writing, said } = startLog()
    const writer = await writing.started()
    let comeBack = (): void => undefined
    const until = new Promise<void>((resolve) => (comeBack = resolve))
    writing.disk.onCall = ({ kind }) => (kind === 'datasync' ? { hang: true, until } : undefined)
    writing.queue.append(request(1))
    await writing.pass(50)
    expect(said).toEqual([])
    writing.disk.onCall = () => undefined
    comeBack()
    await writing.pass(50)
    expect(said).toHaveLength(1)
    await writing.finished(writer)
  })
})
