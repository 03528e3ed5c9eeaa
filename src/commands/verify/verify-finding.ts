/** What `belay verify` found of one file. */
export interface Finding {
  readonly path: string
  readonly what: string
  /**
   * `note`: as it can be, and worth knowing. `fault`: something is not as it was promised.
   * `mendable`: a fault that `--repair` mends. `mended`: it has.
   */
  readonly grade: 'note' | 'mendable' | 'mended' | 'fault'
}
