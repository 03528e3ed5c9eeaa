import type { DaemonState } from '../inspection-feed/protocol.ts'

/** States that somebody should look at; a paused camera is as somebody wants it. */
const troubled =
  /^(backingOff|backing_off|refused|full|blocked|stale|frozen|degraded|wedged|crashed|cut off|restarting)$/

/** What is amiss with a daemon, in words; nothing, if it is healthy. */
export function troublesOf({ phase, actors }: DaemonState): string[] {
  const parts = actors.filter(({ state }) => troubled.test(state))
  return [
    ...(phase === 'running' ? [] : [`the daemon is ${phase}`]),
    ...parts.map(({ path, state, why }) => `${path} is ${state}${why === null ? '' : `: ${why}`}`),
  ]
}
