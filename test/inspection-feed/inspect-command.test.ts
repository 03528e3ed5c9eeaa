import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { commandTypes } from '../../src/domain/command-type.ts'
import { commandOf } from '../../src/inspection-feed/inspect-command.ts'

const uploader = 'root/uploader#1'
const pathOf = (session: string): string | undefined =>
  ({ [uploader]: 'root/uploader', 'root/cameras/dock-1#1': 'root/cameras/dock-1', 'root/cameras#1': 'root/cameras' })[
    session
  ]
const sent = (name: string, origin: string, data: object) => ({ event: JSON.stringify({ name, origin, data }) })

describe('a receiver’s event about a file', () => {
  it('is the command to send it again, at the uploader', () => {
    expect(commandOf(sent('file.retry', uploader, { fileId: 17 }), pathOf)).toEqual({
      command: { type: 'file.retry', fileId: 17 },
      session: uploader,
    })
  })

  it.each([{}, { fileId: 0 }, { fileId: -1 }, { fileId: 1.5 }, { fileId: '17' }, { fileId: 2 ** 60 }])(
    'with %j is none',
    (data) => {
      expect(commandOf(sent('file.retry', uploader, data), pathOf)).toBe('file.retry is not for that actor')
    },
  )

  it('is none at a camera', () => {
    expect(commandOf(sent('file.retry', 'root/cameras/dock-1#1', { fileId: 17 }), pathOf)).toBe(
      'file.retry is not for that actor',
    )
  })
})

describe('a receiver’s event about a camera', () => {
  it('is none at the cameras’ supervisor', () => {
    expect(commandOf(sent('camera.pause', 'root/cameras#1', {}), pathOf)).toBe('camera.pause is not for that actor')
  })
})

describe('whatever a receiver sends', () => {
  it('is a command of the operator’s or a reason of less than 124 bytes, without an error', () => {
    const name = fc.oneof(fc.constantFrom(...commandTypes), fc.string({ unit: 'binary' }))
    const origin = fc.oneof(fc.constantFrom(uploader, 'root', 'root/cameras/dock-1#1'), fc.string(), fc.anything())
    const event = fc.oneof(
      fc.anything(),
      fc.json(),
      fc.record({ name, origin, data: fc.anything() }).map((each) => JSON.stringify(each)),
    )
    fc.assert(
      fc.property(event, fc.anything(), (text, service) => {
        const found = commandOf({ event: text, service }, pathOf)
        if (typeof found === 'string') expect(Buffer.byteLength(found)).toBeLessThan(124)
        else expect(commandTypes).toContain(found.command.type)
      }),
    )
  })
})
