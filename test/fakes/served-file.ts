import { MemoryFile, type Survives } from './memory-inodes.ts'

/** A file's bytes as sessions see them, and what of them would be left if the server lost its power. */
export class ServedFile {
  #inode = new MemoryFile()

  get content(): Buffer {
    const { buffer, byteOffset, byteLength } = this.#inode.content
    return Buffer.from(buffer, byteOffset, byteLength)
  }

  /** Anew, and not synced. */
  set content(bytes: Uint8Array) {
    this.#inode.truncate(0)
    this.#inode.write(bytes, 0)
  }

  get size(): number {
    return this.#inode.content.length
  }

  write(bytes: Uint8Array, position: number): void {
    this.#inode.write(bytes, position)
  }

  sync(): void {
    this.#inode.sync()
  }

  crash(survives: Survives): void {
    this.#inode = this.#inode.afterCrash(survives)
  }
}
