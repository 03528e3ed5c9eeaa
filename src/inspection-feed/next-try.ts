/** Whether an event ends a wait before the next try: machines name such waits after what they delay, `reconnectDelay`, `retryDelay`. */
export const isNextTry = (event: string): boolean => /^xstate\.after\.\w+Delay\./.test(event)
