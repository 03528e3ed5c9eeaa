import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it, onTestFinished } from 'vitest'
import { systemdManager } from '../../src/adapters/systemd.ts'
import { notedLog, silentLog } from '../fakes/noted-log.ts'
import { eventually } from '../support/eventually.ts'
import { startNotifyRecorder } from '../support/notify-recorder.ts'

describe('systemd', () => {
  it('is told word by word, in order', async () => {
    const recorder = await startNotifyRecorder()
    onTestFinished(() => recorder.close())
    const { log, said: warnings } = notedLog('warn')
    const manager = systemdManager({ ...process.env, NOTIFY_SOCKET: recorder.socket }, log)
    manager?.tell(['READY=1', 'STATUS=2 of 3 cameras stream; it’s “fine”'])
    manager?.tell(['WATCHDOG=1'])
    manager?.tell(['STOPPING=1'])
    await manager?.settled()
    await eventually(
      () => `the last word; there are ${recorder.words.join(', ')}`,
      async () => (recorder.words.includes('STOPPING=1') ? true : undefined),
    )
    expect(recorder.words).toEqual(['READY=1', 'STATUS=2 of 3 cameras stream; it’s “fine”', 'WATCHDOG=1', 'STOPPING=1'])
    expect(warnings).toEqual([])
  })

  it('that takes its time is told the latest eight of what has waited', async () => {
    const recorder = await startNotifyRecorder()
    onTestFinished(() => recorder.close())
    const manager = systemdManager({ ...process.env, NOTIFY_SOCKET: recorder.socket }, silentLog)
    for (let each = 0; each < 20; each++) manager?.tell([`STATUS=${each}`])
    await manager?.settled()
    await eventually('the last word', () => (recorder.words.includes('STATUS=19') ? true : undefined))
    expect(recorder.words).toEqual([0, 12, 13, 14, 15, 16, 17, 18, 19].map((each) => `STATUS=${each}`))
  })

  it('that takes its time is told all the same that we are ready', async () => {
    const recorder = await startNotifyRecorder()
    onTestFinished(() => recorder.close())
    const manager = systemdManager({ ...process.env, NOTIFY_SOCKET: recorder.socket }, silentLog)
    manager?.tell(['WATCHDOG=1'])
    manager?.tell(['READY=1', 'STATUS=ready'])
    for (let each = 0; each < 20; each++) manager?.tell([`STATUS=${each}`])
    await manager?.settled()
    await eventually('the last word', () => (recorder.words.includes('STATUS=19') ? true : undefined))
    expect(recorder.words.slice(0, 3)).toEqual(['WATCHDOG=1', 'READY=1', 'STATUS=12'])
    expect(recorder.words.filter((word) => word === 'READY=1')).toHaveLength(1)
  })

  it.each([
    { untold: ['READY=1', 'STATUS=ready'], next: ['WATCHDOG=1'], heard: ['READY=1', 'WATCHDOG=1'] },
    { untold: ['RELOADING=1'], next: ['READY=1'], heard: ['READY=1'] },
    { untold: ['STATUS=ready'], next: ['WATCHDOG=1'], heard: ['WATCHDOG=1'] },
  ])('that could not be told $untold is told $heard with $next', async ({ untold, next, heard }) => {
    const recorder = await startNotifyRecorder()
    onTestFinished(() => recorder.close())
    const environment = { ...process.env, NOTIFY_SOCKET: recorder.socket, PATH: '/nowhere' }
    const manager = systemdManager(environment, silentLog)
    manager?.tell(untold)
    await manager?.settled()
    environment.PATH = process.env['PATH'] ?? ''
    manager?.tell(next)
    await manager?.settled()
    manager?.tell(['STATUS=last'])
    await manager?.settled()
    await eventually('the last word', () => (recorder.words.includes('STATUS=last') ? true : undefined))
    expect(recorder.words).toEqual([...heard, 'STATUS=last'])
  })

  it.each([
    ['nobody listens', { NOTIFY_SOCKET: '/nowhere/notify' }, /^systemd-notify ended with 1: /],
    ['its program is missing', { NOTIFY_SOCKET: '/nowhere/notify', PATH: '/nowhere' }, /^systemd-notify: .*ENOENT/],
  ])('that cannot be told, since %s, is said in the log, and nothing else happens', async (_why, more, why) => {
    const { log, said: warnings } = notedLog('warn')
    const manager = systemdManager({ ...process.env, ...more }, log)
    manager?.tell(['READY=1'])
    await manager?.settled()
    expect(warnings).toEqual([
      { fact: 'systemd could not be told', words: ['READY=1'], why: expect.stringMatching(why) as string },
    ])
  })

  it('that cannot be told, since the system starts no program, is said in the log, and told the next word', async () => {
    const { log, said: warnings } = notedLog('warn')
    const manager = systemdManager({ ...process.env, NOTIFY_SOCKET: '/nowhere/notify' }, log)
    // Longer than Linux takes a word.
    manager?.tell([`STATUS=${'x'.repeat(200_000)}`])
    await manager?.settled()
    manager?.tell(['WATCHDOG=1'])
    await manager?.settled()
    expect(warnings).toMatchObject([{ why: 'systemd-notify: spawn E2BIG' }, { words: ['WATCHDOG=1'] }])
  })

  it('that cannot be told, since no file can be opened any more, is said in the log, and nothing else happens', async () => {
    const script = `
      import { closeSync, openSync } from 'node:fs'
      import { systemdManager } from './src/adapters/systemd.ts'
      const files = []
      const log = {
        warn: (_fact, { why }) => {
          for (const file of files.splice(0)) closeSync(file)
          console.log(why)
        },
      }
      const manager = systemdManager({ ...process.env, NOTIFY_SOCKET: '/nowhere/notify' }, log)
      try {
        for (;;) files.push(openSync('/dev/null'))
      } catch {}
      manager.tell(['WATCHDOG=1'])
      await manager.settled()
    `
    const { stdout } = await promisify(execFile)(
      'sh',
      ['-c', 'ulimit -n 128; exec "$0" "$@"', process.execPath, '--import', 'tsx', '--input-type=module', '-e', script],
      { cwd: fileURLToPath(new URL('../..', import.meta.url)) },
    )
    expect(stdout).toBe('systemd-notify: spawn systemd-notify EMFILE\n')
  })

  it.each([
    [{}, undefined],
    [{ WATCHDOG_USEC: '30000000' }, 30_000],
    [{ WATCHDOG_USEC: '30000000', WATCHDOG_PID: String(process.pid) }, 30_000],
    [{ WATCHDOG_USEC: '30000000', WATCHDOG_PID: '1' }, undefined],
  ])('with %j watches for %s ms', (environment, watchdog) => {
    expect(systemdManager({ NOTIFY_SOCKET: '/run/x', ...environment }, silentLog)?.watchdog).toBe(watchdog)
  })

  it('is not there where it has not started us', () => {
    expect(systemdManager({}, silentLog)).toBeUndefined()
  })
})
