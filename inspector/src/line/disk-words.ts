import { durationWords } from '../../../src/domain/duration-words.ts'
import { byteCount } from '../../../src/domain/byte-count.ts'
import type { WriterView } from '../../../src/inspection-feed/protocol.ts'

/** How much room the data folder's disk has, and for how long; empty where the system doesn't say. */
export function diskWords({ freeBytes, fullInMs }: WriterView['disk']): string {
  if (freeBytes === null) return ''
  const forecast = fullInMs === null ? '' : `; at this rate too little in ${durationWords(fullInMs)}`
  return `${byteCount(freeBytes)} free${forecast}`
}
