import { z } from 'zod'
import {
  choice,
  duration,
  hostName,
  longDuration,
  path,
  remoteFolder,
  secretFile,
  secretVariable,
  text,
  wholeNumber,
} from './scalars.ts'
import { section } from './section.ts'

const fingerprintExpected = 'a fingerprint as ssh-keygen -l prints it, SHA256: and 43 characters, or a list of such'
const fingerprint = z
  .string({ error: fingerprintExpected })
  .regex(/^SHA256:[A-Za-z0-9+/]{43}$/, { error: fingerprintExpected })

const hostKey = z.union(
  [
    z.literal('accept-any'),
    section({
      fingerprint: z
        .union([fingerprint, z.array(fingerprint).min(1)], { error: fingerprintExpected })
        .optional()
        .describe('The server’s key as `ssh-keygen -l` prints it (`SHA256:…`), or a list of such.'),
      knownHosts: path().optional().describe('A known_hosts file, as OpenSSH keeps it.'),
    }),
  ],
  { error: 'a map with `fingerprint` or `knownHosts`, or the words accept-any' },
)

const keepForExpected = 'forever, or a duration from 1s to 3650d, such as 90m, 36h or 7d'

export const sftpSchema = section({
  host: hostName().describe('Name or address of the server.'),
  port: wholeNumber(1, 65_535).default(22).describe('TCP port of the server.'),
  username: text().describe('User name on the server.'),
  passwordFile: secretFile().optional().describe('File that holds the password, on one line.'),
  passwordEnv: secretVariable().optional().describe('Environment variable that holds the password.'),
  privateKeyFile: secretFile().optional().describe('Private key, as ssh-keygen writes it.'),
  passphraseFile: secretFile().optional().describe('File that holds the private key’s passphrase, on one line.'),
  passphraseEnv: secretVariable().optional().describe('Environment variable that holds the private key’s passphrase.'),
  agent: path().optional().describe('Socket of an SSH agent that holds the key, as `SSH_AUTH_SOCK` names it.'),
  hostKey: hostKey.describe(
    'How the server proves that it is the one: `fingerprint` or `knownHosts`. ' +
      '`accept-any` sends to whoever answers at the address.',
  ),
  folder: remoteFolder().default('.').describe('Folder on the server; relative ones begin at the login folder.'),
  temporary: choice(['folder', 'suffix'])
    .default('folder')
    .describe('Where a file grows before it gets its name: in a folder `.belay`, or beside it with a suffix.'),
  verify: choice(['size', 'readback'])
    .default('size')
    .describe('What is confirmed before a file gets its name: its size, or its whole content, read back.'),
  keepFor: z
    .union([z.literal('forever'), longDuration({ or: 'forever, or ' })], { error: keepForExpected })
    .prefault('forever')
    .describe(
      'Local copies are deleted so long after their delivery, once a second look at the server has found no fault.',
    ),
  deadLetterAfter: wholeNumber(1, 1000)
    .default(10)
    .describe('A file that failed so often while others arrived is set aside until `belay retry` sends it again.'),
  probeEvery: duration({ min: '100ms' })
    .prefault('30s')
    .describe('The server is asked for a sign of life this often, also when nothing is sent.'),
  channels: wholeNumber(1, 4)
    .default(4)
    .describe('SFTP channels over the one connection: one for names, the others for files.'),
  filesInFlight: wholeNumber(1, 64).default(16).describe('Files that are sent at the same time.'),
  connectTimeout: duration().prefault('10s').describe('For the connection and the login.'),
  operationTimeout: duration().prefault('30s').describe('For the answer to one request.'),
})
