import { getSystemErrorMap } from 'node:util'

/** `ENOENT (no such file or directory)` */
export function systemWords(code: string): string {
  const words = new Map(getSystemErrorMap().values()).get(code)
  return words === undefined ? code : `${code} (${words})`
}
