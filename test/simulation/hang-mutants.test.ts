import { describe } from 'vitest'
import { eachIsFoundOut } from './found-out.ts'
import { hangMutants } from './hang-mutants.ts'

describe('a daemon with one mistake where threads hang in a model', () => eachIsFoundOut(hangMutants))
