import { describe, expect, it } from 'vitest'
import { cameraId, isCameraId } from '../../src/domain/ids.ts'

describe('a camera id', () => {
  it.each(['a', '1', 'dock-1', 'a-', 'a'.repeat(32)])('may be "%s"', (text) => {
    expect(isCameraId(text)).toBe(true)
    expect(cameraId(text)).toBe(text)
  })
  it.each(['', '-a', 'Dock', 'a_b', 'a/b', '..', 'a b', 'ä', 'a\n', 'a'.repeat(33)])('may not be %j', (text) => {
    expect(isCameraId(text)).toBe(false)
    expect(() => cameraId(text)).toThrow(
      new RangeError(`"${text}" is not a camera id: expected ^[a-z0-9][a-z0-9-]{0,31}$`),
    )
  })
})
