import type { InferenceSession } from 'onnxruntime-node'

/** One thread a session, so that workers share the cores evenly and the tail of the latency stays short; 3: errors only. */
export const sessionOptions = {
  executionProviders: ['cpu'],
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  logSeverityLevel: 3,
} as const satisfies InferenceSession.SessionOptions
