import { describe } from 'vitest'
import { eachIsFoundOut } from './found-out.ts'
import { setAsideMutants } from './set-aside-mutants.ts'

describe('a daemon with one mistake where files are set aside', () => eachIsFoundOut(setAsideMutants))
