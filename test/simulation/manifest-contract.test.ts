import { describe } from 'vitest'
import type { Manifest } from '../../src/ports/manifest.ts'
import { folderLockContract } from '../contracts/folder-lock.contract.ts'
import { groupCommitContract, unlucky } from '../contracts/group-commit.contract.ts'
import { manifestContract } from '../contracts/manifest.contract.ts'
import { pair } from '../contracts/pairs.ts'
import { epochMs } from '../../src/domain/units.ts'
import { type Asked, HeldCalls } from './held-calls.ts'
import { openSimulatedManifest } from './simulated-manifest.ts'
import { Estate } from './simulated-process.ts'

/** Answers each call in the turn after it was asked: well, unless it is a transaction that is unlucky. */
class AnsweringCalls extends HeldCalls {
  isDead = false

  override hold<Answer>(asked: Asked<Answer>): Promise<Answer> {
    const answer = super.hold(asked)
    queueMicrotask(() => {
      if (this.isDead) return
      const fails = asked.faults.find(({ name }) => name === 'SQLITE_IOERR')
      this.settle(0, asked.detail.includes(unlucky) ? fails : undefined)
    })
    return answer
  }
}

const open = (): Promise<Manifest> => openSimulatedManifest(new Estate(), new AnsweringCalls())

/** What was under way when it died is done or not before the next one opens it. */
const dieAmidPairs = (isDone: boolean) => async () => {
  const estate = new Estate()
  const calls = new AnsweringCalls()
  const dying = await openSimulatedManifest(estate, calls)
  const known = 3
  const add = (number: number) => Promise.all(pair(number).map((file) => dying.add(file, epochMs(number))))
  for (let number = 1; number <= known; number++) await add(number)
  calls.isDead = true
  void add(known + 1)
  await Promise.resolve()
  void add(known + 2)
  await Promise.resolve()
  if (isDone) for (const call of calls.waiting) await call.carryOut()
  return { manifest: await openSimulatedManifest(estate, new AnsweringCalls()), known }
}

describe('the manifest that is simulated', () => {
  manifestContract(open)
  folderLockContract(async () => {
    const [estate, calls] = [new Estate(), new AnsweringCalls()]
    return () => openSimulatedManifest(estate, calls)
  })
  describe.each([{ done: true }, { done: false }])('what is under way at a crash is done: $done', ({ done }) =>
    groupCommitContract({ open, dieAmidPairs: dieAmidPairs(done) }),
  )
})
