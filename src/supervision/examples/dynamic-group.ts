/** A group whose children come and go: each is an instance of one template, with a name and arguments of its own. */
import { createActor, fromPromise } from 'xstate'
import {
  countChildren,
  createSupervisor,
  run,
  startInstance,
  type SupervisorClock,
  systemClock,
  terminateChild,
} from '../index.ts'

export interface Job {
  readonly work: (signal: AbortSignal) => Promise<unknown>
}

export function startJobs(clock: SupervisorClock = systemClock) {
  const jobs = createActor(
    createSupervisor({
      strategy: 'simple_one_for_one',
      maxChildren: 100,
      children: [
        {
          id: 'job',
          // One that fails is started again, one that is done goes.
          restart: 'transient',
          // A promise doesn't know `drain`.
          shutdown: 'brutal_kill',
          start: (life, args) => run(fromPromise(() => (args as Job).work(life.signal))),
        },
      ],
      clock,
    }),
    { id: 'jobs', clock },
  )
  jobs.start()
  return {
    begin: (name: string, job: Job) => startInstance(jobs, job, name),
    cancel: (name: string) => terminateChild(jobs, name),
    running: () => countChildren(jobs).active,
    stop: () => jobs.send({ type: 'drain' }),
  }
}
