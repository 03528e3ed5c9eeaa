/**
 * How many files may be in hand at the same time. Lives as long as the daemon; one session at a time.
 *
 * After a full server as many as that have to arrive one by one first: together they would share what little room there is, and
 * none of them would get whole. A server that opens no more files beside those that are open gets fewer of them, and one more
 * again each time that so many have arrived. A line that is lost with files in hand carries half as many in the next session, and
 * one more with each that arrives: all that it has carried of the others was in vain.
 */
export class FilesAtOnce {
  #filesInFlight = Infinity
  #wasFull = false
  /** In this session. */
  #arrived = 0
  #arrivedSince = 0
  #fewer = 0
  /** Over all sessions: as many as the line has let arrive. */
  #carried = Infinity

  /** With a session. `wasFull`: the one before has found the server so. */
  begin(filesInFlight: number, wasFull: boolean): void {
    this.#filesInFlight = filesInFlight
    this.#wasFull = wasFull
    this.#arrived = this.#arrivedSince = this.#fewer = 0
  }

  get areTried(): boolean {
    return this.#wasFull && this.#arrived < this.#filesInFlight
  }

  get most(): number {
    return this.areTried ? 1 : Math.min(this.#carried, this.#filesInFlight - this.#fewer)
  }

  arrived(): void {
    this.#carried++
    this.#arrived++
    this.#arrivedSince++
    if (this.#arrivedSince < this.#filesInFlight) return
    this.#arrivedSince = 0
    this.#fewer = Math.max(0, this.#fewer - 1)
  }

  /** The server did not open a file, beside others that it had open. */
  notOpened(): void {
    this.#arrivedSince = 0
    this.#fewer = Math.min(this.#filesInFlight - 1, this.#fewer + 1)
  }

  /** The session was lost with files in hand. */
  lost(): void {
    this.#carried = Math.max(1, Math.floor(Math.min(this.#carried, this.#filesInFlight) / 2))
  }
}
