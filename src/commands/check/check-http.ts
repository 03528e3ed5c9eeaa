import { OperatingError } from '../../domain/errors.ts'
import { HttpPortTakenError } from '../../domain/http-errors.ts'
import { seconds } from '../../domain/units.ts'
import { CheckFailedError, type CheckLine, checkLine, type CheckRun, within } from './check-line.ts'

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
  /** Whether a Belay runs on the configuration's data folder. @throws {OperatingError} it cannot be told, as where this user may not look. */
  isRunning(): Promise<boolean>
}

const answerLimit = seconds(3)

/** Whether the page can have its address. That this configuration's own Belay has it is how things should be. */
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
      const isRunning = await address.isRunning().catch((error: unknown) => {
        if (!(error instanceof OperatingError)) throw error
        const what = 'is held by a Belay, and whether it runs on this data folder cannot be told'
        throw new CheckFailedError(`Port ${port} of ${host} ${what}. ${error.message}`, { cause: error })
      })
      if (!isRunning) {
        const what = 'is held by a Belay that runs on another data folder. Set http.port to a free one'
        throw new CheckFailedError(`Port ${port} of ${host} ${what}`)
      }
      return `${host}, port ${port} is held by the Belay that is running`
    }
  })
