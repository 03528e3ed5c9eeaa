import { describe } from 'vitest'
import { manifestContract } from './manifest.contract.ts'
import { MemoryManifest } from '../fakes/memory-manifest.ts'

describe('the manifest in memory', () => manifestContract(async () => new MemoryManifest()))
