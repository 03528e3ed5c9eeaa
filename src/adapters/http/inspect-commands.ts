import type { CommandType } from '../../domain/command-type.ts'
import type { InspectBridge } from '../../inspection-feed/inspect-bridge.ts'
import type { InspectCommand } from '../../inspection-feed/inspect-command.ts'
import type { Operate } from '../../inspection-feed/operator-commands.ts'
import type { Log } from '../../ports/log.ts'
import type { Role } from './key-ring.ts'

export interface InspectCommandsOptions {
  /** Those that the configuration names; none: commands are off. */
  readonly allowed: readonly CommandType[]
  readonly bridge: Pick<InspectBridge, 'commandOf' | 'answerTo'>
  readonly operate: Operate
  readonly log: Log
}

/** Who asks. */
export interface Asker {
  /** What its token is for. */
  readonly role: Role
  /** Where it asks from, for the log. */
  readonly by: string
}

export interface Answering {
  /** Says what became of a command that was carried out, or that its camera could not follow. */
  readonly answer: (text: string) => void
  /** Turns the receiver away; at most 123 bytes of reason. */
  readonly refuse: (why: string) => void
}

/**
 * What receivers at `/inspect` may have done: the operator's commands that the configuration names, for who has shown the operating token, one at a
 * time. Being configured is what confirms them, since the protocol has no room for more. Everything else is refused, and said in the log.
 */
export class InspectCommands {
  constructor(private readonly options: InspectCommandsOptions) {}

  /** What one receiver's messages of the type `xstate.event` go to; rejects with a bug only. */
  for({ role, by }: Asker, { answer, refuse }: Answering): (message: object) => Promise<void> {
    const { bridge, operate, log } = this.options
    let isBusy = false
    return async (message) => {
      const found = this.#refusal(role, isBusy) ?? this.#allowed(bridge.commandOf(message))
      if (typeof found === 'string') {
        log.warn('inspect command refused', { by, why: found })
        return refuse(found)
      }
      isBusy = true
      try {
        answer(bridge.answerTo(found, await operate(found.command, `${by}, at /inspect`)))
      } finally {
        isBusy = false
      }
    }
  }

  #allowed(found: InspectCommand | string): InspectCommand | string {
    if (typeof found === 'string' || this.options.allowed.includes(found.command.type)) return found
    return `${found.command.type} is not among http.inspectCommands`
  }

  /** Why nothing of this receiver is looked at. */
  #refusal(role: Role, isBusy: boolean): string | undefined {
    if (this.options.allowed.length === 0) return 'commands are off: http.inspectCommands names none'
    if (role !== 'operate') return 'commands need the operating token'
    return isBusy ? 'one command at a time' : undefined
  }
}
