import { spawnSync } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runProgram } from '../../src/commands/program.ts'
import { serviceUnit } from '../../src/commands/service/service-unit.ts'
import { MemoryTerminal } from '../commands/memory-terminal.ts'
import { configOf, smallConfig, smallConfigWith } from '../config/small-config.ts'
import { temporaryFolder } from './http/http-site.ts'

const paths = {
  node: process.execPath,
  main: '/opt/belay/dist/main.js',
  configFile: '/etc/belay/belay.yaml',
  user: 'root',
}
const device = smallConfigWith("{ type: rtsp, url: 'rtsp://10.0.0.5/s' }", '{ type: device, path: /dev/video0 }')

function analyze(...words: readonly string[]) {
  const { status, stdout, stderr } = spawnSync('systemd-analyze', words, { encoding: 'utf8' })
  return { status, said: stdout + stderr }
}

describe.each([
  ['network cameras', smallConfig],
  ['models on a processor of their own', `inference: { providers: [cuda] }\n${device}`],
  ['a camera of this machine, a low port and odd paths', `data: './be lay 100%'\n${device}http: { port: 80 }\n`],
])('the unit for %s', (_what, text) => {
  const written = async () => {
    const file = join(await temporaryFolder(), 'belay.service')
    await writeFile(file, serviceUnit({ config: await configOf(text), ...paths }))
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
    { stop: '{}', seconds: 80 },
    { stop: '{ budget: 90s }', seconds: 110 },
    { stop: '{ hardCap: 5m }', seconds: 320 },
    { stop: '{ others: 60s }', seconds: 135 },
    { stop: '{ others: 1500ms }', seconds: 77 },
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
      'TimeoutStopSec=110',
      'ReadWritePaths=/etc/belay/belay-data',
      'DeviceAllow=/dev/video0 rw',
      'RestartPreventExitStatus=64 78 79',
    ])
      expect(lines).toContain(line)
    expect(lines).not.toContain('PrivateDevices=yes')
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

  it('shuts it in', async () => {
    const lines = serviceUnit({ config: await configOf(smallConfig), ...paths, user: 'belay' }).split('\n')
    for (const line of [
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
    expect(installed.terminal.said).toContain('systemctl daemon-reload && systemctl enable --now belay')
    expect(await readFile(join(folder, 'system/belay.service'), 'utf8')).toBe(printed.terminal.said)
    const nowhere = await belay('install', 'belay.yaml', '--unit-folder', join(folder, 'nowhere'))
    expect([nowhere.code, nowhere.terminal.complained]).toEqual([
      77,
      `${folder}/nowhere/belay.service: expected a file that can be written, found ENOENT (no such file or directory); name systemd’s folder by --unit-folder, or: belay service print belay.yaml\n`,
    ])
  })

  it('says what is left to do in words that a shell takes as they are', async () => {
    const folder = join(await temporaryFolder(), "be lay's")
    await mkdir(folder)
    await writeFile(join(folder, 'belay.yaml'), smallConfig)
    const terminal = new MemoryTerminal(folder)
    await runProgram(['node', 'belay', 'service', 'install', 'belay.yaml', '--unit-folder', folder], terminal)
    const words = (line: RegExp) => {
      const command = terminal.said.split('\n').find((text) => line.test(text)) ?? ''
      return spawnSync('sh', ['-c', `printf '%s\\n' ${command}`], { encoding: 'utf8' }).stdout.split('\n')
    }
    expect(words(/ install -d/)).toContain(join(folder, 'belay-data'))
    expect(words(/ runuser/)).toEqual(expect.arrayContaining(['belay', 'check', join(folder, 'belay.yaml')]))
  })
})
