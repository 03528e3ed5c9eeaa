import type { ConfigMistake } from './config-mistake.ts'
import type { Config } from './config.ts'
import { crossChecks } from './cross-checks.ts'
import { formatPath } from './issue.ts'
import { type SecretReader, readSecrets } from './read-secrets.ts'
import { schemaIssues } from './schema-issues.ts'
import { configSchema } from './schema.ts'
import { toConfig } from './to-config.ts'
import { readYaml } from './yaml-document.ts'

export type LoadedConfig =
  | { readonly ok: true; readonly config: Config }
  /** All of them, in the order of the text; one or more. */
  | { readonly ok: false; readonly mistakes: readonly ConfigMistake[] }

/**
 * Checks a configuration and reads the secrets that it names.
 *
 * `fileName` is shown in mistakes as it is given; relative paths in the text begin at its folder.
 * Secret files may end with one line break, which is not part of the secret.
 */
export async function loadConfig(text: string, fileName: string, reader: SecretReader): Promise<LoadedConfig> {
  const yaml = readYaml(text)
  const mistakes: ConfigMistake[] = []
  const add = (offset: number, path: string, expected: string, found: string) =>
    mistakes.push({ file: fileName, ...lineAndColumn(text, offset), path, expected, found })
  for (const { offset, expected, found } of yaml.mistakes) add(offset, '', expected, found)
  if (yaml.value === undefined) return { ok: false, mistakes }

  const parsed = configSchema.safeParse(yaml.value)
  const bySchema = parsed.success ? [] : schemaIssues(parsed.error, yaml.value)
  const seen = new Set(bySchema.map(({ path }) => formatPath(path)))
  const byReference = crossChecks(yaml.value).filter(({ path }) => !seen.has(formatPath(path)))
  const { secrets, issues: bySecret } = await readSecrets(yaml.value, fileName, reader, seen)
  for (const { path, at, expected, found } of [...bySchema, ...byReference, ...bySecret]) {
    add(yaml.offsetOf(path, at), formatPath(path), expected, found)
  }
  if (parsed.success && mistakes.length === 0) return { ok: true, config: toConfig(parsed.data, fileName, secrets) }
  return { ok: false, mistakes: mistakes.toSorted((a, b) => a.line - b.line || a.column - b.column) }
}

function lineAndColumn(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset)
  return { line: before.split('\n').length, column: before.length - before.lastIndexOf('\n') }
}
