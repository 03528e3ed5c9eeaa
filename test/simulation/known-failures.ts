/** A run that once found something wrong, and what. */
export interface KnownFailure {
  readonly found: string
  /** The tape, made short, that gets there; what it does changes with the calls that the daemon makes. */
  readonly tape: string
  /** What makes the mistake again, among `mutants`: with it the tape has to find it, or another is to be had by it. */
  readonly mutant: string
}

/** They are run for ever. Each has, beside it, a test of its own where the mistake was. */
export const knownFailures: readonly KnownFailure[] = [
  {
    found: 'a child that failed while it was stopped before it was ready was waited for until the end of time',
    tape: '1:37,12:1,75:1,96:1,110:6,130:13,139:3',
    mutant: 'a child that fails while it is stopped before it was ready is waited for',
  },
  {
    found: 'a bug in a count of files was an unhandled rejection, which ends the process; the same in a count of rows',
    tape: '1:112,97:1,112:1,132:1,137:2,147:3',
    mutant: 'a bug in a count of files is nobody’s',
  },
  {
    found: 'when the cameras’ supervisor crashed, its next life opened cameras that the last still had open',
    tape: '1:84,9:1,260:6,261:7',
    mutant: 'a restarted group of cameras does not wait for what its last life had open',
  },
  {
    found: 'the counter of files left a timer behind when its manifest was let go amid a count',
    tape: '2:1',
    mutant: 'the counter of files pauses on although its manifest is let go',
  },
  {
    found:
      'a writer that was told to drain while it was restarted left requests in its queue, and called itself drained',
    tape: '1:140,139:6,188:2,265:13',
    mutant: 'a writer that is told to drain while it scans leaves what is queued',
  },
  {
    found: 'a log that was stopped by somebody else while it flushed left the flush behind',
    tape: '1:26,27:2,59:13,73:11,84:1,85:6,86:5',
    mutant: 'the end of the log does not wait for its flush',
  },
  {
    found:
      'a manifest that somebody else stopped while it was opened counted a boot when nobody waited for it any more',
    tape: '1:13,12:2,91:15,93:6,94:4',
    mutant: 'nobody waits for a manifest that is being opened',
  },
  {
    found: 'a writer that was started anew waited for a manifest whose restart waited for that writer',
    tape: '1:170,246:14,386:6,387:4',
    mutant: 'a writer that is started anew waits for a manifest whose restart waits for that writer',
  },
  {
    found:
      'a file whose name the server had forgotten looked as if its consumer had taken it, and its copy was deleted',
    tape: '1:91,2:1,312:16,313:2',
    mutant: 'a file whose copy here is to go is not synced by its final name',
  },
  {
    found:
      'a scan of the writer that failed by a bug left a file open, which was being closed when its daemon had ended',
    tape: '1:158,285:11,286:14,392:3,394:1,397:1,400:1',
    mutant: 'a writer’s end does not wait for files that its scan had left open',
  },
  {
    found: 'an operator’s call of the cameras’ supervisor kept its timer when that supervisor had ended',
    tape: '1:96,9:1,12:2,162:1,164:12,165:3,177:4,186:5,190:6,191:9,242:17',
    mutant: 'an operator’s call waits for a supervisor that has ended',
  },
]
