/** Room on a disk: `12.3 GB`, and `1.9 MB` where there is less than one. */
export const roomWords = (bytes: number): string =>
  bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${(bytes / 1e6).toFixed(1)} MB`
