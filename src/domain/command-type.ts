/** All that an operator may ask of a running daemon: over HTTP and, those that are configured, at `/inspect`. */
export const commandTypes = ['camera.restart', 'camera.pause', 'camera.resume', 'file.retry', 'daemon.stop'] as const

export type CommandType = (typeof commandTypes)[number]
