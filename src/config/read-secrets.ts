import { dirname, resolve } from 'node:path'
import { NotUtf8Error } from './decode-text.ts'
import { isCredentialKey } from './found.ts'
import { type ConfigPath, type Issue, formatPath, itemsAt, textAt } from './issue.ts'

/** Where secrets are read from. */
export interface SecretReader {
  /**
   * The whole content of a file, by its absolute path.
   *
   * @throws {NotUtf8Error}
   * @throws a system error with its `code` (`ENOENT`, `EACCES`, …); any other error is a bug.
   */
  file(path: string): Promise<string>
  readonly environment: Readonly<Record<string, string | undefined>>
}

/** What was read, by the formatted path of the key that named it (`sftp.passwordFile`). */
export type Secrets = ReadonlyMap<string, string>

/** Reads what the keys name. Those in `skip` (formatted paths) have mistakes already and are left alone. */
export async function readSecrets(
  document: unknown,
  fileName: string,
  reader: SecretReader,
  skip: ReadonlySet<string>,
): Promise<{ secrets: Secrets; issues: Issue[] }> {
  const secrets = new Map<string, string>()
  const issues: Issue[] = []
  const places = [
    ...itemsAt(document, ['cameras']).flatMap(([index]) => pair(['cameras', index, 'source'], 'password')),
    ...pair(['sftp'], 'password'),
    { path: ['sftp', 'privateKeyFile'], lines: 'many' } as const,
    ...pair(['sftp'], 'passphrase'),
    { path: ['sftp', 'hostKey', 'knownHosts'], lines: 'many' } as const,
  ]
  for (const { path, lines } of places) {
    const name = textAt(document, path)
    const place = formatPath(path)
    if (name === undefined || skip.has(place)) continue
    const read = place.endsWith('Env')
      ? fromVariable(reader, name)
      : await fromFile(reader, resolve(dirname(fileName), name), mayShow(name, String(path.at(-1))))
    const content = typeof read === 'string' ? read.replace(/\r?\n$/, '') : ''
    if (typeof read !== 'string') issues.push({ path, at: 'value', ...read })
    else if (content.trim() === '')
      issues.push({ path, at: 'value', expected: 'a secret in it', found: 'nothing but blanks' })
    else if (lines === 'one' && /[\r\n]/.test(content)) {
      issues.push({ path, at: 'value', expected: 'a secret on one line', found: 'several lines' })
    } else secrets.set(place, content)
  }
  return { secrets, issues }
}

const pair = (at: ConfigPath, secret: string) =>
  [`${secret}File`, `${secret}Env`].map((key) => ({ path: [...at, key], lines: 'one' as const }))

type Unread = Pick<Issue, 'expected' | 'found'>

const fromVariable = ({ environment }: SecretReader, name: string): string | Unread =>
  environment[name] ?? { expected: 'an environment variable that is set', found: `${name}, which is not` }

/** A password is put in place of its file by mistake; a name with a folder is none. */
const mayShow = (name: string, key: string): boolean => name.includes('/') || !isCredentialKey(key)

async function fromFile(reader: SecretReader, path: string, isShown: boolean): Promise<string | Unread> {
  try {
    return await reader.file(path)
  } catch (error) {
    const shown = isShown ? `${path}, which` : `a name without a folder, which is not shown, and in ${dirname(path)}`
    if (error instanceof NotUtf8Error) return { expected: 'a file in UTF-8', found: `${shown} is in no UTF-8` }
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (typeof code !== 'string') throw error
    return { expected: 'a file that can be read', found: `${shown} cannot (${code})` }
  }
}
