import { describe, expect, it } from 'vitest'
import { stateDescription, stateName, type StateValue } from '../../src/inspection-feed/state-name.ts'

describe('the name of a state', () => {
  it.each<{ value: StateValue; name: string }>([
    { value: 'streaming', name: 'streaming' },
    { value: { online: 'connecting' }, name: 'connecting' },
    { value: { online: { connecting: 'waiting' } }, name: 'waiting' },
    { value: { files: 'open', disk: { full: 'probing' } }, name: 'open | probing' },
    { value: { files: {}, disk: 'ok' }, name: 'files | ok' },
    { value: {}, name: 'active' },
  ])('is $name', ({ value, name }) => {
    expect(stateName(value)).toBe(name)
  })
})

describe('the description of a state', () => {
  const root = { type: 'compound' }
  const online = { type: 'compound', description: 'Has a connection.', parent: root }

  it('is that of the innermost state', () => {
    expect(stateDescription([root, online, { type: 'atomic', description: 'Pictures arrive.', parent: online }])).toBe(
      'Pictures arrive.',
    )
  })
  it('is that of what encloses it where it has none', () => {
    expect(stateDescription([root, online, { type: 'atomic', parent: online }])).toBe('Has a connection.')
  })
  it('is each of its regions', () => {
    const regions = ['A.', 'B.', 'A.'].map((description) => ({ type: 'atomic', description }))
    expect(stateDescription(regions)).toBe('A. · B.')
  })
  it('is nothing where nobody wrote one', () => {
    expect(stateDescription([root, { type: 'final', parent: root }])).toBeNull()
  })
})
