/**
 * What compresses: what is written into it comes out as gzip has it, the same bytes for the same content. It takes its time, on
 * another thread.
 */
export type Gzip = () => NodeJS.ReadWriteStream
