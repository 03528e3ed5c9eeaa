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
  // Or the kernel would not know the class yet that `DeviceAllow` names.
  const deviceClass = hidesOtherDevices(config) ? ' modprobe@videodev.service' : ''
  const { usage, config: mistaken, stoppedCutOff } = exitCodes
  const stopSeconds = Math.ceil((longestStop(config.stop) + toExit) / 1000)
  return `# Made by: belay service print ${configFile}
[Unit]
Description=Belay: cameras, inference, CSV files, delivery
Documentation=file:${main.replace(/dist\/main\.js$/, 'docs/operations.md')}
Wants=network-online.target${deviceClass}
After=network-online.target time-sync.target${deviceClass}
# Without the disk of its data folder it would begin an empty one.
RequiresMountsFor=${paths.map(quoted).join(' ')}
StartLimitIntervalSec=0

[Service]
Type=notify
# systemd-notify speaks for Node, as a process of its own.
NotifyAccess=all
ExecStart=${[node, main, 'run', configFile].map(argument).join(' ')}
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
# Where memory runs out and the kernel ends one camera's ffmpeg, the others go on.
OOMPolicy=continue
# The watchdog aborts it, and a core dump would hold its secrets.
LimitCORE=0

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

/** Also where the configuration has no secret from a variable: one that it is given later is then found, and a file that is not there is none. */
const environmentOf = ({ variables }: SecretsNamed, configFile: string): string[] => [
  `# A line NAME=value each, for secrets from variables${variables.length === 0 ? '' : `: ${variables.join(', ')}`}.`,
  `EnvironmentFile=-${plain(environmentFile(configFile))}`,
]

/** What holds the secrets that the configuration has from variables: beside it, and of its name. */
export const environmentFile = (configFile: string): string => configFile.replace(/(\.ya?ml)?$/, '.env')

/** What it reads beside its configuration and its secrets. */
const filesOf = ({ cameras, models, sftp: { agent } }: Config): string[] => [
  ...cameras.flatMap(({ source }) => (source.type === 'file' ? [source.path] : [])),
  ...models.flatMap(({ file, dictionary, detector }) => [file, dictionary ?? [], detector ?? []].flat()),
  ...(agent === undefined ? [] : [agent]),
]

/** Whether it has cameras of this machine, and needs no other device. */
const hidesOtherDevices = ({ cameras, inference: { providers } }: Config): boolean =>
  providers.every((provider) => provider === 'cpu') && cameras.some(({ source }) => source.type === 'device')

/**
 * What it sees of /dev. Where models run on a processor of their own, all that the user may open: its nodes have many names, and
 * some come only when they are first used. `ProtectClock` would hide them too, and the clock is kept by what else stands there.
 * Cameras are let in by their class: systemd would pass over a node that is not there when it starts Belay, and one that is plugged
 * in again may have another number.
 */
function devicesOf(config: Config): string[] {
  if (config.inference.providers.some((provider) => provider !== 'cpu'))
    return ['PrivateDevices=no', 'SupplementaryGroups=video render']
  return hidesOtherDevices(config)
    ? ['DevicePolicy=closed', 'DeviceAllow=char-video4linux rw', 'SupplementaryGroups=video', 'ProtectClock=yes']
    : ['PrivateDevices=yes', 'ProtectClock=yes']
}

/** Of a command, as systemd reads it. */
const argument = (path: string): string => quoted(path.replaceAll('$', '$$$$'))

/** In a list of paths, as systemd reads one: in quotes, its own signs doubled. */
const quoted = (path: string): string =>
  /[\s"'\\;]/.test(path) ? `"${plain(path).replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"` : plain(path)

/** A path that stands alone, which systemd takes with its blanks and quotes. */
const plain = (path: string): string => path.replaceAll('%', '%%')
