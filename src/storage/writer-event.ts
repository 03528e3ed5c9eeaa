import type { FileWords } from '../domain/sealed-file.ts'

/** What the writer tells while it runs. */
export type WriterEvent =
  /** The file has its final name and is in the manifest; `held`: to be packed before it is sent. */
  | ({ readonly type: 'file.sealed'; readonly held?: true } & FileWords)
  /** It went into the archive `into`, which is told next. */
  | ({ readonly type: 'file.archived'; readonly into: string } & FileWords)
  /** Sealed files went into this one, which is in the manifest in their stead. */
  | ({ readonly type: 'file.packed'; readonly files: number } & FileWords)
  /** It was to be packed, and is gone or no longer what was sealed: nobody tries it again until a person says so. */
  | ({ readonly type: 'file.refused'; readonly why: string } & FileWords)
  /** It stays held: the disk does not give it out now, and it is tried again. */
  | { readonly type: 'file.unpackable'; readonly path: string; readonly why: string }
  /** It is sealed and was not in the manifest, and could not be read until now; it is handed over. */
  | ({ readonly type: 'file.adopted'; readonly held?: true } & FileWords)
  /** It is sealed and not in the manifest, and cannot be taken in: it is tried again, unless the reason says otherwise. */
  | { readonly type: 'file.unreadable'; readonly path: string; readonly why: string }
  /** Some rows or files wait for the disk (or the manifest); they are tried again. Said again when they wait for something else. */
  | { readonly type: 'writer.blocked'; readonly why: string }
  /** Nothing waits any more. */
  | { readonly type: 'writer.resumed' }
  /** The disk has little room left; said again from time to time. */
  | { readonly type: 'disk.low'; readonly why: string }
  /** It has enough again. */
  | { readonly type: 'disk.enough'; readonly why: string }
  /** A file stayed unwritable: rows are lost, and the reason says which and where to look. */
  | { readonly type: 'request.failed'; readonly why: string }
