import { InferenceSession } from 'onnxruntime-node'
import {
  declineReason,
  type DeclinedProvider,
  type ExecutionProvider,
  providersToTry,
} from '../../domain/execution-provider.ts'
import { sessionOptions } from './session-options.ts'

export interface ModelSession {
  readonly session: InferenceSession
  readonly provider: ExecutionProvider
  /** What was tried before it, in order. */
  readonly declined: readonly DeclinedProvider[]
}

/**
 * Opens a model, by its path or from memory, with the first of `asked` that can be had and passes `trial`; the processor is the last, and is not tried:
 * what fails there is the model's fault.
 *
 * @throws {Error} not even that can; what ONNX Runtime says.
 */
export async function createSession(
  model: string | Uint8Array,
  asked: readonly ExecutionProvider[],
  trial: (session: InferenceSession) => Promise<unknown>,
): Promise<ModelSession> {
  const declined: DeclinedProvider[] = []
  for (const provider of providersToTry(asked)) {
    try {
      const options = { ...sessionOptions, executionProviders: [provider] }
      const session = await (typeof model === 'string'
        ? InferenceSession.create(model, options)
        : InferenceSession.create(model, options))
      if (provider !== 'cpu') await pass(session, trial)
      return { session, provider, declined }
    } catch (error) {
      if (provider === 'cpu') throw error
      declined.push({ provider, reason: declineReason(error) })
    }
  }
  throw new Error('providersToTry() ends with cpu')
}

/** A device may lack what a model needs, and say so only when it runs. */
async function pass(session: InferenceSession, trial: (session: InferenceSession) => Promise<unknown>): Promise<void> {
  try {
    await trial(session)
  } catch (error) {
    await session.release()
    throw error
  }
}
