import { redactor } from '../../adapters/video/redact.ts'
import type { Config } from '../../config/config.ts'
import type { Secret } from '../../config/secret.ts'

/**
 * Makes text fit to be shown: no secret of the configuration is in what it returns, whatever a server or a tool has said.
 *
 * A key is hidden line by line as well, since a library may quote a part of it.
 */
export function hideSecrets(config: Config): (text: string) => string {
  const { sftp, cameras } = config
  const secrets: (Secret | undefined)[] = [sftp.password, sftp.privateKey, sftp.passphrase]
  for (const { source } of cameras) if ('credentials' in source) secrets.push(source.credentials?.password)
  const texts = secrets.flatMap((secret) => {
    const text = secret?.reveal()
    if (text === undefined) return []
    const lines = text.split(/\r?\n/).filter((line) => line !== '' && !line.startsWith('-----'))
    return [text, ...lines]
  })
  return redactor(texts)
}
