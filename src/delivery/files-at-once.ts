/**
 * How many files may be in hand at the same time. Of one session.
 *
 * After a full server as many as that have to arrive one by one first: together they would share what little room there is, and
 * none of them would get whole. A server that opens no more files beside those that are open gets fewer of them, and one more
 * again each time that so many have arrived.
 */
export class FilesAtOnce {
  #arrived = 0
  #arrivedSince = 0
  #fewer = 0

  constructor(
    private readonly filesInFlight: number,
    private readonly wasFull: boolean,
  ) {}

  get areTried(): boolean {
    return this.wasFull && this.#arrived < this.filesInFlight
  }

  get most(): number {
    return this.areTried ? 1 : this.filesInFlight - this.#fewer
  }

  arrived(): void {
    this.#arrived++
    this.#arrivedSince++
    if (this.#arrivedSince < this.filesInFlight) return
    this.#arrivedSince = 0
    this.#fewer = Math.max(0, this.#fewer - 1)
  }

  /** The server did not open a file, beside others that it had open. */
  notOpened(): void {
    this.#arrivedSince = 0
    this.#fewer = Math.min(this.filesInFlight - 1, this.#fewer + 1)
  }
}
