import { type AnyActorRef, createActor } from 'xstate'
import { describe, expect, it } from 'vitest'
import { type CallReply, createSupervisor, restartChild, type SupervisorOptions } from '../../src/supervision/index.ts'
import { settle, VirtualClock } from '../fakes/virtual-clock.ts'
import { puppet, type PuppetOptions, Stage } from './harness.ts'

type Answer = Promise<CallReply>
const refused = { ok: false, error: 'shutting_down' }

/** Not started yet; it has one child. */
function stageOf(options: SupervisorOptions = {}, child: PuppetOptions = {}): Stage {
  const stage: Stage = new Stage({ children: [puppet(() => stage, 'a', child)], ...options })
  return stage
}

/** What it is by now. */
async function settled(answer: Answer | undefined): Promise<CallReply | undefined> {
  let reply: CallReply | undefined
  void answer?.then((said) => (reply = said))
  await settle()
  return reply
}

describe('a call that the supervisor has in its mailbox when it ends', () => {
  it('is refused where it is done', async () => {
    let answer: Answer | undefined
    const stage = stageOf({
      onReport({ decision }) {
        if (decision === 'end') answer = restartChild(stage.supervisor, 'a')
      },
    })
    stage.start().supervisor.send({ type: 'drain' })
    expect(stage.snapshot.status).toBe('done')
    expect(await settled(answer)).toEqual(refused)
  })

  it('is refused where it is stopped by somebody else', async () => {
    let answer: Answer | undefined
    const prepare: PuppetOptions['prepare'] = (life) =>
      life.defer(() => {
        answer = restartChild(stage.supervisor, 'a')
      })
    const stage = stageOf({}, { prepare })
    stage.start().supervisor.stop()
    expect(stage.snapshot.status).toBe('stopped')
    expect(await settled(answer)).toEqual(refused)
  })

  it('is refused where it fails by a bug', async () => {
    const clock = new VirtualClock()
    const time = clock.monotonic.bind(clock)
    let answer: Answer | undefined
    const supervisor = createActor(createSupervisor({ clock, children: [puppet(stageOf, 'a')] }), { clock })
    const errors: unknown[] = []
    supervisor.subscribe({ error: (error) => errors.push(error) })
    supervisor.start()
    const bug = new Error('a bug')
    let failures = 2
    clock.monotonic = () => {
      answer ??= restartChild(supervisor, 'a')
      // Once for the event, and once more for what is said of the child.
      if (failures-- > 0) throw bug
      return time()
    }
    supervisor.send({ type: 'drain' })
    expect(errors).toEqual([bug])
    expect(await settled(answer)).toEqual(refused)
  })

  it('is refused where it is stopped before it was started', async () => {
    const stage = stageOf()
    const answers = [restartChild(stage.supervisor, 'a'), restartChild(stage.supervisor, 'b')]
    stage.supervisor.stop()
    for (const answer of answers) expect(await settled(answer)).toEqual(refused)
  })

  it('is refused where it is stopped with what is above before it was started', async () => {
    const stage = stageOf().start()
    const below = createActor(createSupervisor({}), { id: 'below', parent: stage.supervisor as AnyActorRef })
    const answer = restartChild(below, 'a')
    stage.actors.stop(below)
    expect(await settled(answer)).toEqual(refused)
  })

  it('is refused where it was told to stop before it was started', async () => {
    const stage = stageOf()
    stage.supervisor.send({ type: 'drain' })
    const answer = restartChild(stage.supervisor, 'a')
    stage.start()
    expect(stage.snapshot).toMatchObject({ status: 'done', output: { ended: 'asked', children: [] } })
    expect(await settled(answer)).toEqual(refused)
  })
})

describe('a call to a supervisor that was stopped before it was started', () => {
  it('is refused', async () => {
    const stage = stageOf()
    stage.supervisor.stop()
    expect(await settled(restartChild(stage.supervisor, 'a'))).toEqual(refused)
  })

  it('is answered where it was started all the same', async () => {
    const stage = stageOf()
    stage.supervisor.stop()
    stage.start()
    expect(await settled(restartChild(stage.supervisor, 'a'))).toEqual({ ok: false, error: 'running' })
  })
})
