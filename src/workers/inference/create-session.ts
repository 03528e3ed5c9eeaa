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

/** Opens a model, by its path or from memory, with the first of `asked` that can be had; the processor is the last. @throws {Error} not even that can; what ONNX Runtime says. */
export async function createSession(
  model: string | Uint8Array,
  asked: readonly ExecutionProvider[],
): Promise<ModelSession> {
  const declined: DeclinedProvider[] = []
  for (const provider of providersToTry(asked)) {
    try {
      const options = { ...sessionOptions, executionProviders: [provider] }
      const session = await (typeof model === 'string'
        ? InferenceSession.create(model, options)
        : InferenceSession.create(model, options))
      return { session, provider, declined }
    } catch (error) {
      if (provider === 'cpu') throw error
      declined.push({ provider, reason: declineReason(error) })
    }
  }
  throw new Error('providersToTry() ends with cpu')
}
