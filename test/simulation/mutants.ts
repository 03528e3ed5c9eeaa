import { ailingMutants } from './ailing-mutants.ts'
import { foundMutants, rareMutants } from './found-mutants.ts'
import type { Mutant } from './mutant.ts'
import { packingMutants } from './packing-mutants.ts'
import { plainMutants } from './plain-mutants.ts'
import { setAsideMutants } from './set-aside-mutants.ts'

/** Those that one of a few seeds finds out. */
export const commonMutants: readonly Mutant[] = [
  ...plainMutants,
  ...packingMutants,
  ...setAsideMutants,
  ...ailingMutants,
  ...foundMutants,
]

export const mutants: readonly Mutant[] = [...commonMutants, ...rareMutants]
