import { describe } from 'vitest'
import { eachIsFoundOut } from './found-out.ts'
import { packingMutants } from './packing-mutants.ts'

describe('a daemon with one mistake where sealed files are packed', () => eachIsFoundOut(packingMutants))
