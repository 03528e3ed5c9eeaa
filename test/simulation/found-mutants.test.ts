import { describe } from 'vitest'
import { eachIsFoundOut } from './found-out.ts'
import { foundMutants } from './found-mutants.ts'

describe('a daemon with one mistake that the simulation has found', () => eachIsFoundOut(foundMutants))
