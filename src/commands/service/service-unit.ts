import type { Config } from '../../config/config.ts'
import { longestStop } from '../../config/longest-stop.ts'
import { seconds } from '../../domain/units.ts'
import { exitCodes } from '../exit-codes.ts'
import type { SecretsNamed } from '../read-config.ts'

export interface UnitOptions {
  readonly config: Config
  readonly secrets: SecretsNamed
  /** Absolute paths: Node, our own entry, the configuration. */
  readonly node: string
  readonly main: string
  readonly configFile: string
  readonly user: string
}

/** What the process may take to be gone once its daemon has ended, on a machine that is busy. */
const toExit = seconds(5)

/** The unit that runs Belay under systemd, shut in as far as its cameras allow. */
export function serviceUnit({ config, secrets, node, main, configFile, user }: UnitOptions): string {
  const paths = [config.dataFolder, node, main, configFile, ...secrets.files, ...filesOf(config)]
  const isAnyBelow = (folders: RegExp): boolean => paths.some((path) => folders.test(path))
  const isLowPort = config.http.port > 0 && config.http.port < 1024
  const { usage, config: mistaken, stoppedCutOff } = exitCodes
  const stopSeconds = Math.ceil((longestStop(config.stop) + toExit) / 1000)
  return `# Made by: belay service print ${configFile}
[Unit]
Description=Belay: cameras, inference, CSV files, delivery
Documentation=file:${main.replace(/dist\/main\.js$/, 'docs/operations.md')}
Wants=network-online.target
After=network-online.target time-sync.target
StartLimitIntervalSec=0

[Service]
Type=notify
# systemd-notify speaks for Node, as a process of its own.
NotifyAccess=all
ExecStart=${quoted(node)} ${quoted(main)} run ${quoted(configFile)}
# What is wrong with the new configuration, its log says, and the old one stays.
ExecReload=/bin/kill -HUP $MAINPID
User=${user}
${['UMask=0027', ...environmentOf(secrets, configFile)].join('\n')}

# It is ready once its models are loaded and its disk is there, however long that takes.
TimeoutStartSec=infinity
# Its heart feeds the watchdog: an event loop that stands still for so long is ended, and started again.
WatchdogSec=30
Restart=on-failure
RestartSec=5
# ${usage} and ${mistaken}: the command line or the configuration is wrong, and a person has to act. ${stoppedCutOff}: an operator has stopped it.
RestartPreventExitStatus=${usage} ${mistaken} ${stoppedCutOff}
# It drains within its own budget, and lets go of what it holds; then comes SIGKILL.
TimeoutStopSec=${stopSeconds}
KillMode=mixed

# It writes below its data folder and nowhere else.
ProtectSystem=strict
ReadWritePaths=${quoted(config.dataFolder)}
ProtectHome=${isAnyBelow(/^\/(home|root|run\/user)\//) ? 'read-only' : 'yes'}
PrivateTmp=${isAnyBelow(/^\/(var\/)?tmp\//) ? 'no' : 'yes'}
${devicesOf(config).join('\n')}

NoNewPrivileges=yes
CapabilityBoundingSet=${isLowPort ? 'CAP_NET_BIND_SERVICE\nAmbientCapabilities=CAP_NET_BIND_SERVICE' : ''}
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
RemoveIPC=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged
SystemCallErrorNumber=EPERM
# MemoryDenyWriteExecute stays off: V8 makes code while it runs.

[Install]
WantedBy=multi-user.target
`
}

/** Where the configuration has secrets from variables. */
const environmentOf = ({ variables }: SecretsNamed, configFile: string): string[] =>
  variables.length === 0
    ? []
    : [`# A line NAME=value each: ${variables.join(', ')}.`, `EnvironmentFile=${quoted(environmentFile(configFile))}`]

/** What holds the secrets that the configuration has from variables: beside it, and of its name. */
export const environmentFile = (configFile: string): string => configFile.replace(/(\.ya?ml)?$/, '.env')

/** What it reads beside its configuration and its secrets. */
const filesOf = ({ cameras, models, sftp: { agent } }: Config): string[] => [
  ...cameras.flatMap(({ source }) => (source.type === 'file' ? [source.path] : [])),
  ...models.flatMap(({ file, dictionary, detector }) => [file, dictionary ?? [], detector ?? []].flat()),
  ...(agent === undefined ? [] : [agent]),
]

/**
 * What it sees of /dev. Where models run on a processor of their own, all that the user may open: its nodes have many names, and
 * some come only when they are first used. `ProtectClock` would hide them too, and the clock is kept by what else stands there.
 */
function devicesOf({ cameras, inference: { providers } }: Config): string[] {
  const paths = cameras.flatMap(({ source }) => (source.type === 'device' ? [source.path] : []))
  if (providers.some((provider) => provider !== 'cpu')) return ['PrivateDevices=no', 'SupplementaryGroups=video render']
  if (paths.length === 0) return ['PrivateDevices=yes', 'ProtectClock=yes']
  const allowed = paths.map((path) => `DeviceAllow=${quoted(path)} rw`)
  return ['DevicePolicy=closed', ...allowed, 'SupplementaryGroups=video', 'ProtectClock=yes']
}

/** As systemd reads a word: in quotes, its own signs doubled. */
const quoted = (path: string): string => {
  const plain = path.replaceAll('%', '%%').replaceAll('$', '$$$$')
  return /[\s"'\\;]/.test(path) ? `"${plain.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"` : plain
}
