import { messageOf } from './message-of.ts'

/** Where ONNX Runtime can compute. Only `cpu` is always there; the others want their own libraries and a device. */
export const executionProviders = ['tensorrt', 'cuda', 'webgpu', 'cpu'] as const
export type ExecutionProvider = (typeof executionProviders)[number]

/** A provider that was asked for and could not be had. */
export interface DeclinedProvider {
  readonly provider: ExecutionProvider
  /** What ONNX Runtime said, on one line. */
  readonly reason: string
}

/** What is tried, in order: what was asked for, and at last `cpu`. */
export const providersToTry = (asked: readonly ExecutionProvider[]): ExecutionProvider[] => [
  ...asked.filter((provider, index) => provider !== 'cpu' && asked.indexOf(provider) === index),
  'cpu',
]

const longestReason = 300

/** Some of what ONNX Runtime says has many lines, and where in its code they were written. */
export const declineReason = (error: unknown): string =>
  messageOf(error).replace(/\s+/g, ' ').trim().slice(0, longestReason)
