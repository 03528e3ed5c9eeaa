import { count } from '../parts/format.ts'

/** Counts by cause, those that are not 0: `12 superseded, 1 no slot`. */
export function Causes({ of: counts }: { readonly of: Readonly<Record<string, number>> }) {
  const causes = Object.entries(counts).filter(([, value]) => value > 0)
  if (causes.length === 0) return <>0</>
  return <>{causes.map(([cause, value]) => `${count(value)} ${cause.replaceAll('-', ' ')}`).join(', ')}</>
}
