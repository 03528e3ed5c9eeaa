import { describe, expect, it } from 'vitest'
import {
  attemptName,
  below,
  finalPath,
  parentOf,
  sealedPathOfTemporary,
  temporaryPath,
} from '../../src/delivery/remote-names.ts'
import { sealed } from './start-delivery.ts'

const file = sealed(1, 'content')
const base = 'dock-1_model_20261122T020836123Z_7-000001.csv'

describe('a file’s names on the server', () => {
  it.each([
    { folder: '.', final: `dock-1/model/${base}`, temporary: `.belay/${base}.ed7002b439e9.00beef.part` },
    { folder: '', final: `dock-1/model/${base}`, temporary: `.belay/${base}.ed7002b439e9.00beef.part` },
    { folder: 'up', final: `up/dock-1/model/${base}`, temporary: `up/.belay/${base}.ed7002b439e9.00beef.part` },
    { folder: '/up/', final: `/up/dock-1/model/${base}`, temporary: `/up/.belay/${base}.ed7002b439e9.00beef.part` },
    { folder: '/', final: `/dock-1/model/${base}`, temporary: `/.belay/${base}.ed7002b439e9.00beef.part` },
  ])('stand below "$folder"', ({ folder, final, temporary }) => {
    expect(finalPath({ folder, temporary: 'folder' }, file)).toBe(final)
    expect(temporaryPath({ folder, temporary: 'folder' }, file, '00beef')).toBe(temporary)
  })

  it('stand side by side where the temporary one is told by its suffix', () => {
    expect(temporaryPath({ folder: 'up', temporary: 'suffix' }, file, '00beef')).toBe(
      `up/dock-1/model/${base}.ed7002b439e9.00beef.part`,
    )
  })

  it.each([
    { name: `${base}.ed7002b439e9.00beef.part`, path: file.path },
    { name: base, path: undefined },
    { name: `${base}.part`, path: undefined },
    { name: `${base}.ed7002b439e9.00beef`, path: undefined },
    { name: `${base}.ed7002b439e.00beef.part`, path: undefined },
    { name: 'notes.csv.ed7002b439e9.00beef.part', path: undefined },
    { name: `../${base}.ed7002b439e9.00beef.part`, path: undefined },
  ])('are known again as ours, or not: $name', ({ name, path }) => {
    expect(sealedPathOfTemporary(name)).toBe(path)
  })
})

describe('a try', () => {
  it.each([
    { random: 0, name: '000000' },
    { random: 0.5, name: '800000' },
    { random: 1 - Number.EPSILON, name: 'ffffff' },
  ])('is named by six digits: $name', ({ random, name }) => {
    expect(attemptName(random)).toBe(name)
  })
})

describe('paths', () => {
  it.each([
    { path: 'a/b/c', parent: 'a/b' },
    { path: 'a', parent: '' },
    { path: '/a', parent: '/' },
    { path: '/a/b', parent: '/a' },
  ])('have the parent "$parent": $path', ({ path, parent }) => {
    expect(parentOf(path)).toBe(parent)
  })

  it('below the root have one slash', () => {
    expect(below('/', 'a')).toBe('/a')
  })
})
