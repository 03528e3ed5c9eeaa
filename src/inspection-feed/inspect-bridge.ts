import { ActorPictures } from './actor-pictures.ts'
import { type Chart, chartOf, type MachineLike } from './chart.ts'
import { commandOf, type InspectCommand } from './inspect-command.ts'
import {
  answerMessage,
  eventMessage,
  type InspectMessage,
  registerMessage,
  sessionOf,
  stateMessage,
  stopMessage,
} from './inspect-messages.ts'
import type { CommandAnswer } from './operator-commands.ts'
import type { ActorPicture } from './actor-picture.ts'
import type { FeedRecord } from './record.ts'
import type { RecordRing } from './record-ring.ts'

/** Takes one message, as text, or says `false` and leaves it out; must neither throw nor wait. */
export type InspectListener = (text: string) => boolean

/** Tells receivers of @xstate/inspect of every machine that runs, in their own protocol. */
export class InspectBridge {
  /** By id. */
  readonly #machines = new Map<string, MachineLike>()
  /** Of machines that a receiver was told of. */
  readonly #charts = new Map<string, Chart>()
  #known = new ActorPictures()
  /** The latest record that they know. */
  #knownUpTo = 0
  /** With the sessions that each takes for running. */
  readonly #listeners = new Map<InspectListener, Set<string>>()

  /** @param ring holds each record before the bridge sees it. */
  constructor(private readonly ring: RecordRing) {}

  /** A machine that runs; its definition is read once somebody listens, however many actors there are of it. */
  learn(machine: MachineLike): void {
    if (!this.#machines.has(machine.id)) this.#machines.set(machine.id, machine)
  }

  see(record: FeedRecord): void {
    if (this.#listeners.size === 0) return
    const message = this.#messageOf(record)
    if (message === undefined) return
    for (const [listener, running] of this.#listeners) tell(listener, running, message)
  }

  /** Registers at once all that runs, then tells what happens. Returns the way to end it. */
  attach(listener: InspectListener): () => void {
    this.#listeners.set(listener, new Set())
    this.introduce(listener)
    return () => this.#listeners.delete(listener)
  }

  /**
   * Registers all that runs with one listener: a new one, or one that has left messages out, which is told first what has ended
   * meanwhile. Through `take`, where that is another way to the same listener.
   */
  introduce(listener: InspectListener, take: InspectListener = listener): void {
    const running = this.#listeners.get(listener) ?? new Set()
    const messages = this.#pictures.all().flatMap((picture) => {
      const chart = this.#chartOf(picture)
      const isShown = chart !== undefined && picture.ended === null && picture.state !== ''
      return isShown ? [registerMessage(chart, picture, this.#parentOf(picture))] : []
    })
    const present = new Set(messages.map(({ sessionId }) => sessionId))
    const ended = [...running].filter((session) => !present.has(session))
    for (const message of [...ended.map(stopMessage), ...messages]) tell(take, running, message)
  }

  /** What a receiver's message of the type `xstate.event` asks for, or why it is no command. */
  commandOf(message: { readonly event?: unknown; readonly service?: unknown }): InspectCommand | string {
    return commandOf(message, (session) => this.#pathOf(session))
  }

  /** What became of it, in the protocol's words. */
  answerTo(command: InspectCommand, answer: CommandAnswer): string {
    return JSON.stringify(answerMessage(command, answer))
  }

  /** As of the latest record. Nobody listens to most daemons: they are brought up to date when they are looked at. */
  get #pictures(): ActorPictures {
    const { first, last } = this.ring
    if (this.#knownUpTo < first - 1) this.#known = new ActorPictures(this.ring.before())
    for (const record of this.ring.after(this.#knownUpTo)) this.#known.apply(record)
    this.#knownUpTo = last
    return this.#known
  }

  /** The actor of which a session is the present life; `undefined`: an earlier life's, or nobody's. */
  #pathOf(session: string): string | undefined {
    const path = session.replace(/#\d+$/, '')
    const picture = this.#pictures.get(path)
    return picture !== undefined && sessionOf(picture) === session ? path : undefined
  }

  #messageOf(record: FeedRecord): InspectMessage | undefined {
    // Of one that has ended nothing may be remembered.
    const before = this.#known.get(record.path)
    const picture = this.#pictures.get(record.path) ?? before
    const chart = picture && this.#chartOf(picture)
    if (picture === undefined || chart === undefined) return undefined
    switch (record.type) {
      case 'state.entered':
        // The machine crashed or was cut off: it is in no state of its chart, and its end follows.
        if (record.nodes.length === 0 && chart.root.states.length > 0) return undefined
        if (record.from === null) return registerMessage(chart, picture, this.#parentOf(picture))
        return stateMessage(chart, picture, record.event)
      case 'event.received':
        return eventMessage(record, record)
      case 'actor.ended':
        return stopMessage(sessionOf(record))
      case 'actor.started':
      case 'why.changed':
      case 'supervisor.decided':
      case 'gauges.read':
      case 'operator.asked':
      case 'simulation.step':
      case 'invariant.violated':
        return undefined
    }
  }

  #chartOf({ machine: id }: ActorPicture): Chart | undefined {
    const machine = id === null ? undefined : this.#machines.get(id)
    if (machine === undefined) return undefined
    const known = this.#charts.get(machine.id)
    if (known !== undefined) return known
    const chart = chartOf(machine)
    this.#charts.set(machine.id, chart)
    return chart
  }

  /** The nearest machine above: supervisors have no chart. */
  #parentOf({ path }: ActorPicture): ActorPicture | undefined {
    for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
      const above = this.#pictures.get(path.slice(0, end))
      if (above !== undefined && above.machine !== null) return above
    }
    return undefined
  }
}

/** What a listener leaves out, it does not know. */
function tell(listener: InspectListener, running: Set<string>, message: InspectMessage): void {
  if (!listener(JSON.stringify(message))) return
  if (message.type === 'service.register') running.add(message.sessionId)
  if (message.type === 'service.stop') running.delete(message.sessionId)
}
