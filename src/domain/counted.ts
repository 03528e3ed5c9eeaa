/** `1 file`, `3 files`; `many` where it is not with an s: `1 try`, `3 tries`. */
export const counted = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`
