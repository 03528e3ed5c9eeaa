/** The supervisor that Erlang/OTP has and XState hasn't. See `src/supervision/README.md`. */
export { createSupervisor } from './create-supervisor.ts'
export { BadSpecError } from './check-specs.ts'
export { EndedBeforeReadyError, StartTimeoutError } from './start.ts'
export { DisposerTimeoutError, type Incarnation } from './incarnation.ts'
export { pathOf } from './actor-system.ts'
export {
  countChildren,
  deleteChild,
  restartChild,
  startChild,
  startInstance,
  type SupervisorRef,
  terminateChild,
  whichChildren,
} from './client.ts'
export {
  type CallReply,
  type ChildSpec,
  type ChildView,
  type Report,
  run,
  type Runnable,
  type SupervisorEvent,
  type SupervisorLogic,
  type SupervisorOptions,
  type SupervisorOutput,
  type SupervisorSnapshot,
} from './supervisor-types.ts'
export type { CallError, ChildCounts, Ended, Outcome } from './core-events.ts'
export type { Cause, Decision } from './core-reports.ts'
export type { ChildState } from './core-state.ts'
export type { SupervisorClock } from './supervisor-clock.ts'
export { systemClock } from './system-clock.ts'
export type {
  AutoShutdown,
  ChildBudget,
  ExitReason,
  Ms,
  Restart,
  RestartBackoff,
  RestartBudget,
  Shutdown,
  StopBudget,
  Strategy,
  SupervisorFlags,
} from './spec.ts'
