/** How the process ends; the numbers are those of sysexits.h where it has one. */
export const exitCodes = {
  /** Everything was drained. Files that wait in the manifest for a server that is away were not cut off. */
  ok: 0,
  /** A bug: something failed in a way that nobody expected, more often than its supervisor allows. Also: a check that failed. */
  failed: 1,
  /** EX_USAGE: the command line. */
  usage: 64,
  /** EX_UNAVAILABLE: no daemon answers. */
  unavailable: 69,
  /**
   * EX_TEMPFAIL: the stop cut something off, or the start failed for what the world may mend (the disk, a folder in use).
   * What was accepted is on disk and is picked up at the next start.
   */
  cutOff: 75,
  /** EX_NOPERM: the daemon asks for another token. */
  denied: 77,
  /** EX_CONFIG: the configuration, or a model that it names, is wrong; nothing was started. */
  config: 78,
  /**
   * As `cutOff`, where an operator asked for the stop. A code of its own, since a failed start ends with 75 too and has to be
   * tried again: systemd is told not to start Belay again after this one.
   */
  stoppedCutOff: 79,
  /** 128 + SIGKILL: an inference thread hangs, everything else was closed, and any other way to end would abort. */
  wedged: 137,
  /** 128 + SIGTERM: as `wedged`, where an operator asked for the stop. To systemd that is an end in order, not to be started again. */
  stoppedWedged: 143,
} as const

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]
