import { HttpPortTakenError } from '../../domain/http-errors.ts'
import { seconds } from '../../domain/units.ts'
import { type CheckLine, checkLine, type CheckRun, within } from './check-line.ts'

/** The address of the page, to be taken for a moment. */
export interface AddressToCheck {
  readonly host: string
  /** 0: any free one. */
  readonly port: number
  /**
   * Listens there and stops at once.
   *
   * @throws {HttpPortTakenError} @throws {HttpBindError}
   */
  take(): Promise<void>
  /** Who answers where the port is taken. @throws {signal.reason} */
  holder(signal: AbortSignal): Promise<'belay' | 'another program'>
}

const answerLimit = seconds(3)

/** Whether the page can have its address. That a running Belay has it is how things should be. */
export const checkHttp = (address: AddressToCheck, run: CheckRun): Promise<CheckLine> =>
  checkLine('http', 'address', run, async () => {
    const { host, port } = address
    try {
      await address.take()
      return port === 0 ? `${host}, any free port` : `${host}, port ${port} is free`
    } catch (error) {
      if (!(error instanceof HttpPortTakenError)) throw error
      const late = () => `${error.message}. It does not answer within ${answerLimit / 1000} s`
      const holder = await within(answerLimit, late, run, (signal) => address.holder(signal))
      if (holder !== 'belay') throw error
      return `${host}, port ${port} is held by a Belay that is running`
    }
  })
