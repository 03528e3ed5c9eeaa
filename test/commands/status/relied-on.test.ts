import { describe, expect, it } from 'vitest'
import { troublesOf } from '../../../src/inspection-feed/health.ts'
import { faultIn } from '../../../src/commands/status/relied-on.ts'
import { statusLines } from '../../../src/commands/status/status-lines.ts'
import type { DaemonState } from '../../../src/inspection-feed/protocol.ts'
import { actorView, cameraView, daemonState } from '../../inspection-feed/sample-state.ts'

const well = daemonState()
const before = [{ state: 'streaming', since: well.startedAt, until: well.at, why: null }]
/** One of which nothing is absent. */
const whole = daemonState({
  configuration: { appliedAt: well.startedAt, refused: { at: well.at, why: 'a mistake' }, atNextStart: ['data'] },
  actors: [
    actorView('root', { kind: 'supervisor', state: 'running' }),
    actorView('root/uploader', { state: 'full', why: 'no room' }),
    actorView('root/cameras/dock-1', { state: 'connecting', before }),
  ],
  cameras: [cameraView('dock-1')],
  writer: { ...well.writer, disk: { level: 'low', freeBytes: 5e8, fullInMs: 60_000 } },
  uploader: { ...well.uploader, oldestUndelivered: well.startedAt },
})

type Path = readonly (string | number)[]

const pathsIn = (value: unknown): Path[] =>
  typeof value !== 'object' || value === null
    ? []
    : Object.entries(value).flatMap(([key, inner]) => [[key], ...pathsIn(inner).map((path) => [key, ...path])])

/** The state with something else at a place; `undefined`: nothing. */
function withAt(path: Path, value: unknown): unknown {
  const changed = structuredClone(whole) as unknown as Record<string, unknown>
  let at = changed
  for (const key of path.slice(0, -1)) at = at[key] as Record<string, unknown>
  if (value === undefined) Reflect.deleteProperty(at, path.at(-1) ?? '')
  else at[path.at(-1) ?? ''] = value
  return changed
}

describe('what a status is made of', () => {
  it('is found in the state of a daemon', () => {
    expect([well, whole].map(faultIn)).toEqual([undefined, undefined])
  })

  it.each(pathsIn(whole).map((path) => [path.join('.'), path] as const))(
    'is all that it reads: without %s, or with something else in its place, it is refused or told in words',
    (_name, path) => {
      for (const value of [undefined, null, 'text', 7, {}, []]) {
        const state = withAt(path, value)
        if (faultIn(state) !== undefined) continue
        const lines = [...statusLines(state as DaemonState, 'http://here', 120), ...troublesOf(state as DaemonState)]
        expect(lines.join('\n')).not.toMatch(/NaN|undefined|\[object/)
      }
    },
  )
})
