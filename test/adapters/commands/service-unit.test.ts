import { spawnSync } from 'node:child_process'
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runProgram } from '../../../src/commands/program.ts'
import { serviceUnit } from '../../../src/commands/service/service-unit.ts'
import { MemoryTerminal } from '../../commands/memory-terminal.ts'
import { configOf, smallConfig, smallConfigWith } from '../../config/small-config.ts'
import { temporaryFolder } from '../http/http-site.ts'

const paths = {
  node: process.execPath,
  main: '/opt/belay/dist/main.js',
  configFile: '/etc/belay/belay.yaml',
  user: 'root',
  secrets: { files: [], variables: ['SFTP_PASSWORD'] },
}
/** It names no file of this checkout, which may lie anywhere. */
const plainConfig = smallConfigWith("'builtin:belt-particles'", '/opt/particles.onnx')
const device = smallConfigWith("{ type: rtsp, url: 'rtsp://10.0.0.5/s' }", '{ type: device, path: /dev/video0 }')

function analyze(...words: readonly string[]) {
  const { status, stdout, stderr } = spawnSync('systemd-analyze', words, { encoding: 'utf8' })
  return { status, said: stdout + stderr }
}

describe.each([
  ['network cameras', smallConfig],
  ['models on a processor of their own', `inference: { providers: [cuda] }\n${device}`],
  [
    'a camera of this machine, a low port and odd paths',
    `data: './be lay 100%'\n${device}http: { port: 80 }\n`,
    '/etc/be lay/100% $it"s.yaml',
  ],
])('the unit for %s', (_what, text, configFile = paths.configFile) => {
  const written = async () => {
    const file = join(await temporaryFolder(), 'belay.service')
    await writeFile(file, serviceUnit({ config: await configOf(text), ...paths, configFile }))
    return file
  }

  it('is one that systemd reads without a complaint', async () => {
    expect(analyze('verify', '--man=no', await written())).toEqual({ status: 0, said: '' })
  })

  it('exposes little, by systemd’s own measure', async () => {
    // Of 10; the user is root here, since no other is sure to exist. 5 and less is "medium", 2 and less "ok".
    const { status, said } = analyze('security', '--offline=true', '--threshold=35', '--no-pager', await written())
    expect(status, said).toBe(0)
  })
})

describe('the unit', () => {
  it.each([
    { stop: '{}', seconds: 82 },
    { stop: '{ budget: 90s }', seconds: 112 },
    { stop: '{ hardCap: 5m }', seconds: 322 },
    { stop: '{ others: 60s }', seconds: 137 },
    { stop: '{ others: 1500ms }', seconds: 79 },
  ])('waits 5 s longer than a stop may take: $stop', async ({ stop, seconds }) => {
    const unit = serviceUnit({ config: await configOf(`${device}stop: ${stop}\n`), ...paths, user: 'belay' })
    expect(unit.split('\n')).toContain(`TimeoutStopSec=${seconds}`)
  })

  it('names what the configuration decides', async () => {
    const unit = serviceUnit({ config: await configOf(`${device}stop: { budget: 90s }\n`), ...paths, user: 'belay' })
    const lines = unit.split('\n')
    for (const line of [
      'Type=notify',
      'NotifyAccess=all',
      'WatchdogSec=30',
      `ExecStart=${process.execPath} /opt/belay/dist/main.js run /etc/belay/belay.yaml`,
      'User=belay',
      'TimeoutStopSec=112',
      'ReadWritePaths=/etc/belay/belay-data',
      'DeviceAllow=char-video4linux rw',
      'Wants=network-online.target modprobe@videodev.service',
      'After=network-online.target time-sync.target modprobe@videodev.service',
      'RestartPreventExitStatus=64 78 79',
    ])
      expect(lines).toContain(line)
    expect(lines).not.toContain('PrivateDevices=yes')
  })

  it('has the file of secrets named before the configuration has one of a variable, and starts without it', async () => {
    const secrets = { files: [], variables: [] }
    const unit = serviceUnit({ config: await configOf(plainConfig), ...paths, secrets })
    expect(unit.split('\n')).toContain('EnvironmentFile=-/etc/belay/belay.env')
  })

  it('starts once all that it reads and writes is mounted', async () => {
    const more = 'codes: { kind: read, file: /mnt/models/codes.onnx }'
    const video = plainConfig
      .replace(/\{ type: rtsp.*\}/, "{ type: file, path: '/mnt/line 1/a.mp4' }")
      .replace('models:\n', `models:\n  ${more}\n`)
    const secrets = { files: ['/mnt/keys/id'], variables: ['SFTP_PASSWORD'] }
    const unit = serviceUnit({ config: await configOf(video), ...paths, node: '/usr/bin/node', secrets })
    expect(unit.split('\n')).toContain(
      'RequiresMountsFor=/etc/belay/belay-data /usr/bin/node /opt/belay/dist/main.js /etc/belay/belay.yaml /mnt/keys/id "/mnt/line 1/a.mp4" /mnt/models/codes.onnx /opt/particles.onnx',
    )
  })

  it.each(['tensorrt', 'cuda', 'webgpu'])('hides no device where %s runs models', async (provider) => {
    const config = await configOf(`${device}inference: { providers: [${provider}, cpu] }\n`)
    const lines = serviceUnit({ config, ...paths, user: 'belay' }).split('\n')
    // Each of these hides all that it does not name.
    expect(lines.filter((line) => /^(PrivateDevices=yes|Device(Policy|Allow)=|ProtectClock=yes)/.test(line))).toEqual(
      [],
    )
    expect(lines).toContain('SupplementaryGroups=video render')
  })

  const reader = (more: string) =>
    plainConfig.replace('models:\n', `models:\n  codes: { kind: read, file: /opt/codes.onnx, ${more} }\n`)

  it.each([
    { what: 'a key', secrets: ['/home/belay/.ssh/id_ed25519'], text: plainConfig, home: 'read-only', tmp: 'yes' },
    { what: 'known hosts', secrets: ['/root/.ssh/known_hosts'], text: plainConfig, home: 'read-only', tmp: 'yes' },
    { what: 'a password', secrets: ['/tmp/password'], text: plainConfig, home: 'yes', tmp: 'no' },
    {
      what: 'an agent',
      secrets: [],
      text: `${plainConfig}  agent: /run/user/9/agent\n`,
      home: 'read-only',
      tmp: 'yes',
    },
    { what: 'a dictionary', secrets: [], text: reader('dictionary: /home/ada/c.txt'), home: 'read-only', tmp: 'yes' },
    { what: 'what finds lines', secrets: [], text: reader('detector: /var/tmp/lines.onnx'), home: 'yes', tmp: 'no' },
  ])('lets it see $what, wherever that is', async ({ secrets: files, text, home, tmp }) => {
    const secrets = { files, variables: [] }
    const lines = serviceUnit({ config: await configOf(text), ...paths, node: '/usr/bin/node', secrets }).split('\n')
    expect(lines.filter((line) => /^(ProtectHome|PrivateTmp)=/.test(line))).toEqual([
      `ProtectHome=${home}`,
      `PrivateTmp=${tmp}`,
    ])
  })

  it('shuts it in', async () => {
    const lines = serviceUnit({
      config: await configOf(plainConfig),
      ...paths,
      node: '/usr/bin/node',
      user: 'belay',
    }).split('\n')
    for (const line of [
      'UMask=0027',
      'LimitCORE=0',
      'OOMPolicy=continue',
      'ProtectSystem=strict',
      'ProtectHome=yes',
      'PrivateTmp=yes',
      'PrivateDevices=yes',
      'ProtectClock=yes',
      'NoNewPrivileges=yes',
      'CapabilityBoundingSet=',
      'RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK',
      'SystemCallFilter=@system-service',
      'SystemCallFilter=~@privileged',
    ])
      expect(lines).toContain(line)
  })
})

describe('belay service', () => {
  it('prints the unit, or writes it and says what is left to do', async () => {
    const folder = await temporaryFolder()
    await mkdir(join(folder, 'system'))
    await writeFile(join(folder, 'belay.yaml'), smallConfig)
    const belay = async (...words: string[]) => {
      const terminal = new MemoryTerminal(folder)
      return { code: await runProgram(['node', 'belay', 'service', ...words], terminal), terminal }
    }
    const printed = await belay('print', 'belay.yaml')
    expect(printed.terminal.said).toContain(`run ${join(folder, 'belay.yaml')}\n`)
    const installed = await belay('install', 'belay.yaml', '--unit-folder', join(folder, 'system'))
    expect(installed.code).toBe(0)
    expect(installed.terminal.said).toContain(
      'systemctl daemon-reload && systemctl enable belay && systemctl restart belay',
    )
    expect(await readFile(join(folder, 'system/belay.service'), 'utf8')).toBe(printed.terminal.said)
    const nowhere = await belay('install', 'belay.yaml', '--unit-folder', join(folder, 'nowhere'))
    expect([nowhere.code, nowhere.terminal.complained]).toEqual([
      77,
      `${folder}/nowhere/belay.service: expected a file that can be written, found ENOENT (no such file or directory); name systemd’s folder by --unit-folder, or: belay service print belay.yaml\n`,
    ])
  })

  it('has the secrets that stand in variables from a file beside the configuration, for the check too', async () => {
    const folder = await temporaryFolder()
    await writeFile(join(folder, 'belay.yaml'), smallConfigWith('SFTP_PASSWORD', 'SFTP_WORD'))
    const terminal = new MemoryTerminal(folder)
    const words = ['service', 'install', 'belay.yaml', '--unit-folder', folder]
    expect(await runProgram(['node', 'belay', ...words], terminal)).toBe(0)
    expect((await readFile(join(folder, 'belay.service'), 'utf8')).split('\n')).toContain(
      `EnvironmentFile=-${folder}/belay.env`,
    )
    const steps = terminal.said.split('\n')
    expect(steps).toContainEqual(expect.stringMatching(/install -m 600 .*\/belay\.env # .*: SFTP_WORD='…'$/))
    // As somebody types them: what the file says is in the environment of the check.
    const make = steps.find((step) => step.includes('install -m 600')) ?? ''
    expect(spawnSync('sh', ['-c', make]).status).toBe(0)
    expect((await stat(join(folder, 'belay.env'))).mode & 0o777).toBe(0o600)
    await writeFile(join(folder, 'belay.env'), "SFTP_WORD='it is\ta secret'\n")
    // Once more, as at an upgrade: it keeps the secrets.
    expect(spawnSync('sh', ['-c', make]).status).toBe(0)
    const check = steps.find((step) => step.includes('set -a'))?.replace(/runuser .*\)/, 'printenv SFTP_WORD)') ?? ''
    expect(spawnSync('sh', ['-c', check], { encoding: 'utf8' }).stdout).toBe('it is\ta secret\n')
  })

  it('says what is left to do in words that a shell takes as they are', async () => {
    const folder = join(await temporaryFolder(), "be lay's")
    await mkdir(folder)
    await writeFile(join(folder, 'belay.yaml'), smallConfigWith('passwordEnv: SFTP_PASSWORD', 'passwordFile: word'))
    const terminal = new MemoryTerminal(folder)
    await runProgram(['node', 'belay', 'service', 'install', 'belay.yaml', '--unit-folder', folder], terminal)
    const words = (line: RegExp) => {
      const command = terminal.said.split('\n').find((text) => line.test(text)) ?? ''
      return spawnSync('sh', ['-c', `printf '%s\\n' ${command}`], { encoding: 'utf8' }).stdout.split('\n')
    }
    expect(words(/ install -d/)).toContain(join(folder, 'belay-data'))
    // To the user's own group, whatever its name.
    expect(words(/ chown -RH belay: /)).toContain(join(folder, 'belay-data'))
    expect(words(/ runuser/)).toEqual(expect.arrayContaining(['belay', 'check', join(folder, 'belay.yaml')]))
  })
})
