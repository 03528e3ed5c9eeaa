import { describe } from 'vitest'
import { eachIsFoundOut } from './found-out.ts'
import { ailingMutants } from './ailing-mutants.ts'

describe('a daemon with one mistake where a camera or a model ails', () => eachIsFoundOut(ailingMutants))
