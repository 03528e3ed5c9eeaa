import { clip, errorText } from './clip.ts'
import type { Plain } from './record.ts'

/** The fields of events that are shown, whatever the event: all of them short, none of them secret. */
const shown = [
  'path',
  'rows',
  'bytes',
  'sha256',
  'rate',
  'workers',
  'within',
  'again',
  'dueAt',
  'held',
  'into',
  'why',
] as const

/** Events that a supervisor sends itself so that it goes on, and the question of each heartbeat; they tell nothing. */
const silent: ReadonlySet<string> = new Set([
  'xstate.init',
  'supervisor.boot',
  'supervisor.wake',
  'supervisor.count_children',
])

export const isSilent = (type: string): boolean => silent.has(type)

/** The allow-listed fields of `event`, as plain values. */
export function eventDetail(event: object): Readonly<Record<string, Plain>> {
  const detail: Record<string, Plain> = {}
  const fields = event as Readonly<Record<string, unknown>>
  for (const key of shown) {
    const value = fields[key]
    if (typeof value === 'string') detail[key] = clip(value)
    else if (typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))) detail[key] = value
  }
  if (isError(fields)) detail['error'] = errorText(fields.error)
  return detail
}

const isError = (event: Readonly<Record<string, unknown>>): event is { readonly error: unknown } =>
  typeof event['type'] === 'string' && event['type'].startsWith('xstate.error.')
