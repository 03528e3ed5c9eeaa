import { env, type InferenceSession } from 'onnxruntime-node'

// What goes wrong is thrown, and told in one line of our own; ONNX Runtime would write it to standard error as well, past the log.
env.logLevel = 'fatal'

/** One thread a session, so that workers share the cores evenly and the tail of the latency stays short; 4: nothing is written but what ends the process. */
export const sessionOptions = {
  executionProviders: ['cpu'],
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  logSeverityLevel: 4,
} as const satisfies InferenceSession.SessionOptions
