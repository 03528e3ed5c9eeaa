import { expect, it } from 'vitest'
import { milliseconds } from '../../src/domain/units.ts'
import { StopRequest } from '../../src/process/stop-request.ts'

const clockAt = (times: number[]) => ({ monotonic: () => milliseconds(times.shift() ?? NaN) })

it('is by who asked first, and counts from then', () => {
  const request = new StopRequest(clockAt([10, 35]))
  expect(request.isAsked).toBe(false)
  expect(request.ask('operator')).toBe(true)
  expect(request.ask('signal')).toBe(false)
  expect(request).toMatchObject({ by: 'operator', isAsked: true, taken: 25 })
})

it('has taken no time where nobody has asked', () => {
  expect(new StopRequest(clockAt([10])).taken).toBe(0)
})

it('is by a person rather than by a wedge, whichever came first', () => {
  const after = new StopRequest(clockAt([10]))
  after.wedged()
  expect(after).toMatchObject({ by: 'wedge', isAsked: false })
  expect(after.ask('signal')).toBe(true)
  expect(after.by).toBe('signal')

  const before = new StopRequest(clockAt([10]))
  before.ask('operator')
  before.wedged()
  expect(before.by).toBe('operator')
})
