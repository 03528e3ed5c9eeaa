import { sector } from '../../fakes/memory-inodes.ts'

/**
 * Frames of which a file holds other than so many rows, by what names them. Not the last one where nobody can tell that it was
 * cut through: where its next row had not named it when the sector ended.
 */
export function splitFrames(content: string, rowsEach: number): string[] {
  const [, ...rows] = content.split(/(?<=\n)/)
  const frameOf = (row = ''): string => `${row.split(',').slice(0, 4).join()},`
  const counts = new Map<string, number>()
  for (const frame of rows.map(frameOf)) counts.set(frame, (counts.get(frame) ?? 0) + 1)
  const left = (sector - (Buffer.byteLength(content) % sector)) % sector
  const last = frameOf(rows.at(-1))
  if (left < last.length) counts.delete(last)
  return [...counts].filter(([, count]) => count !== rowsEach).map(([frame]) => frame)
}
