import type { Milliseconds } from '../domain/units.ts'
import type { SealWorld } from './seal-file.ts'

/** What sealed CSV files are sent as, instead of as they are. */
export interface PackPlan {
  /** Each as NAME.csv.gz, or several of one camera and folder as one NAME.tar.gz, named after the first. */
  readonly as: 'gzip' | 'tar'
  /** So many go into one archive; `tar` only. */
  readonly files: number
  /** What has come together after so long goes into one all the same; `tar` only. */
  readonly interval: Milliseconds
}

/** As the configuration says it; `undefined`: files are sent as they are. */
export const packPlanOf = ({
  as,
  ...bounds
}: Omit<PackPlan, 'as'> & { readonly as: PackPlan['as'] | 'none' }): PackPlan | undefined =>
  as === 'none' ? undefined : { as, ...bounds }

/** What becomes of a sealed CSV file under that plan. */
export const handOverOf = (plan: PackPlan | undefined): SealWorld['handOver'] =>
  plan === undefined ? 'pending' : 'held'
