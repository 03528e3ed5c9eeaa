import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { loadConfig } from '../../src/config/load-config.ts'
import { configOf, secretsOf, smallConfig, smallConfigWith } from './small-config.ts'

const packageFile = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url))

describe('a configuration that says only what it must', () => {
  it('has the defaults for all the rest', async () => {
    const { sftp, ...config } = await configOf(smallConfig)
    expect(config).toEqual({
      dataFolder: '/etc/belay/belay-data',
      cameras: [
        {
          id: 'dock-1',
          source: { type: 'rtsp', url: 'rtsp://10.0.0.5/s', credentials: undefined, transport: 'tcp' },
          picture: 'auto',
          fit: 'letterbox',
          crop: undefined,
          fps: 'all',
          every: 1,
          stallAfter: 'auto',
          frozenAfter: 30_000,
          motionGate: 'off',
          priority: 5,
          detect: { model: 'particles', scoreThreshold: 0.5, iouThreshold: 0.45 },
          classify: undefined,
          read: undefined,
        },
      ],
      models: [
        {
          name: 'particles',
          kind: 'detect',
          file: packageFile('models/belt-particles.onnx'),
          labels: undefined,
          layout: 'auto',
        },
      ],
      inference: { workers: 'auto', providers: ['cpu'], deadline: 2000, wedgedLimit: 'auto' },
      csv: {
        rotation: { everyRequest: false, rows: 10_000, bytes: 10_000_000, interval: 60_000 },
        commitEvery: 50,
        pack: { as: 'none', files: 100, interval: 300_000 },
        queue: 200,
      },
      disk: { warnBelow: 1_000_000_000, pauseBelow: 100_000_000, reserve: 4_000_000 },
      backups: { keep: 3 },
      http: {
        host: '127.0.0.1',
        port: 5000,
        viewTokenHash: undefined,
        operateTokenHash: undefined,
        inspectCommands: [],
      },
      process: { memory: 'auto' },
      log: { level: 'info', format: 'auto' },
      stop: {
        budget: 60_000,
        hardCap: 60_000,
        cameras: 5000,
        inference: 10_000,
        csvWriter: 10_000,
        uploader: 15_000,
        others: 5000,
        afterSecondSignal: 5000,
      },
    })
    const { password, ...rest } = sftp
    expect(password?.reveal()).toBe('hunter2')
    expect(rest).toEqual({
      host: 'sftp.example.com',
      port: 22,
      username: 'belay',
      privateKey: undefined,
      passphrase: undefined,
      agent: undefined,
      hostKey: 'accept-any',
      folder: '.',
      temporary: 'folder',
      verify: 'size',
      keepFor: 'forever',
      deadLetterAfter: 10,
      probeEvery: 30_000,
      channels: 4,
      filesInFlight: 16,
      connectTimeout: 10_000,
      operationTimeout: 30_000,
    })
  })

  it('shows no secret when it is printed as a whole', async () => {
    expect(JSON.stringify(await configOf(smallConfig))).not.toContain('hunter2')
  })
})

describe('the kinds of source', () => {
  it.each([
    ['{ type: file, path: clip.mp4 }', { type: 'file', path: '/etc/belay/clip.mp4', loop: false, lossless: false }],
    [
      '{ type: file, path: /v/clip.mp4, loop: true, lossless: true }',
      { type: 'file', path: '/v/clip.mp4', loop: true, lossless: true },
    ],
    [
      "{ type: rtsp, url: 'rtsps://h:8554/s', transport: udp }",
      { type: 'rtsp', url: 'rtsps://h:8554/s', credentials: undefined, transport: 'udp' },
    ],
    [
      "{ type: http, url: 'https://h/v.mp4', loop: true }",
      { type: 'http', url: 'https://h/v.mp4', credentials: undefined, loop: true, lossless: false },
    ],
    [
      '{ type: device, path: /dev/video0, size: 1280x720, rate: 30, format: mjpeg }',
      { type: 'device', path: '/dev/video0', size: { width: 1280, height: 720 }, rate: 30, format: 'mjpeg' },
    ],
    [
      '{ type: device, path: /dev/video0 }',
      { type: 'device', path: '/dev/video0', size: undefined, rate: undefined, format: undefined },
    ],
    ['{ type: synthetic, seed: 7 }', { type: 'synthetic', seed: 7, rate: 15, lossless: false }],
  ])('reads %s', async (source, expected) => {
    const config = await configOf(smallConfigWith("{ type: rtsp, url: 'rtsp://10.0.0.5/s' }", source))
    expect(config.cameras[0]?.source).toEqual(expected)
  })
})

describe('a duration', () => {
  it.each([
    ['500ms', 500],
    ['1.5s', 1500],
    ['2m', 120_000],
    ['24h', 86_400_000],
    ['0ms', 0],
  ])('of %s is %i ms', async (text, expected) => {
    expect((await configOf(`${smallConfig}csv: { commitEvery: ${text} }`)).csv.commitEvery).toBe(expected)
  })
})

describe('a size in bytes', () => {
  it.each([
    ['1000B', 1000],
    ['64KiB', 65_536],
    ['64kB', 64_000],
    ['64KB', 64_000],
    ['1.5MB', 1_500_000],
    ['2MiB', 2_097_152],
    ['1GiB', 1_073_741_824],
    ['1000GB', 1e12],
  ])('of %s is %i', async (text, expected) => {
    const config = await configOf(`${smallConfig}csv: { rotation: { bytes: ${text} } }`)
    expect(config.csv.rotation.bytes).toBe(expected)
  })
})

describe('a model of the user’s own', () => {
  it('has its path made absolute, and its labels, input and layout as given', async () => {
    const config = await configOf(
      smallConfigWith(
        "file: 'builtin:belt-particles' }",
        'file: dents.onnx, labels: [dent, scratch], input: 640x384, layout: v5 }',
      ),
    )
    expect(config.models).toEqual([
      {
        name: 'particles',
        kind: 'detect',
        file: '/etc/belay/dents.onnx',
        labels: ['dent', 'scratch'],
        input: { width: 640, height: 384 },
        layout: 'v5',
      },
    ])
  })
})

describe('a classifier of the user’s own', () => {
  it('has its scores as given', async () => {
    const models = '{ kind: classify, file: belt.onnx, scores: independent-logits }'
    const config = await configOf(smallConfigWith('models:\n', `models:\n  belt: ${models}\n`))
    expect(config.models[0]).toMatchObject({ name: 'belt', kind: 'classify', scores: 'independent-logits' })
  })
})

describe('secrets', () => {
  it('are read from files beside the configuration, without the line break at their end', async () => {
    const reader = secretsOf({
      '/etc/belay/camera.password': 'pass word \n',
      '/etc/belay/id': '-----BEGIN KEY-----\nabc\n-----END KEY-----\n',
      '/run/passphrase': 'open sesame\r\n',
      '/etc/belay/known_hosts': 'sftp.example.com ssh-ed25519 AAAA\n',
    })
    const text = smallConfigWith(
      "'rtsp://10.0.0.5/s'",
      "'rtsp://10.0.0.5/s', username: viewer, passwordFile: camera.password",
    )
      .replace('passwordEnv: SFTP_PASSWORD', 'privateKeyFile: id\n  passphraseFile: /run/passphrase')
      .replace('hostKey: accept-any', 'hostKey: { knownHosts: known_hosts }')
    const { cameras, sftp } = await configOf(text, reader)
    const source = cameras[0]?.source
    const credentials = source?.type === 'rtsp' ? source.credentials : undefined
    expect([credentials?.username, credentials?.password.reveal()]).toEqual(['viewer', 'pass word '])
    expect(sftp.password).toBeUndefined()
    expect(sftp.privateKey?.reveal()).toBe('-----BEGIN KEY-----\nabc\n-----END KEY-----')
    expect(sftp.passphrase?.reveal()).toBe('open sesame')
    expect(sftp.hostKey).toEqual({ knownHosts: 'sftp.example.com ssh-ed25519 AAAA' })
  })

  it('are read from the environment', async () => {
    const { sftp } = await configOf(smallConfig, secretsOf({}, { SFTP_PASSWORD: 'hunter2' }))
    expect(sftp.password?.reveal()).toBe('hunter2')
  })

  it('pass on an error of the reader that is not the system’s', async () => {
    const reader = { ...secretsOf(), file: () => Promise.reject(new TypeError('a bug')) }
    const text = smallConfigWith('passwordEnv: SFTP_PASSWORD', 'passwordFile: p')
    await expect(loadConfig(text, 'belay.yaml', reader)).rejects.toThrow(new TypeError('a bug'))
  })
})

describe('a host key', () => {
  const one = 'SHA256:uNiVztksCsDhcc0u9e8BrnEUzPQ1ZmZcOyX6yCnLnNE'
  const two = 'SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU'
  it.each([
    [`{ fingerprint: '${one}' }`, { fingerprints: [one] }],
    [`{ fingerprint: ['${one}', '${two}'] }`, { fingerprints: [one, two] }],
    ['accept-any', 'accept-any'],
  ])('is read from %s', async (written, expected) => {
    expect((await configOf(smallConfigWith('accept-any', written))).sftp.hostKey).toEqual(expected)
  })
})

describe('YAML references', () => {
  it('let cameras share what they have in common', async () => {
    const text = smallConfigWith(
      `  - id: dock-1
    source: { type: rtsp, url: 'rtsp://10.0.0.5/s' }
    detect: { model: particles }`,
      `  - &common
    id: dock-1
    source: &source { type: rtsp, url: 'rtsp://10.0.0.5/s' }
    detect: &detect { model: particles, scoreThreshold: 0.7 }
    fps: 5
  - <<: *common
    id: dock-2
  - id: dock-3
    source: { <<: *source, url: 'rtsp://10.0.0.6/s' }
    detect: *detect`,
    )
    const { cameras } = await configOf(text)
    expect(cameras.map(({ id, fps, detect }) => [id, fps, detect?.scoreThreshold])).toEqual([
      ['dock-1', 5, 0.7],
      ['dock-2', 5, 0.7],
      ['dock-3', 'all', 0.7],
    ])
    expect(cameras[2]?.source).toEqual({
      type: 'rtsp',
      url: 'rtsp://10.0.0.6/s',
      credentials: undefined,
      transport: 'tcp',
    })
  })
})

describe('an address to listen on that others can reach', () => {
  const hash = `$scrypt$ln=14,r=8,p=1$${'s'.repeat(22)}$${'h'.repeat(43)}`
  it.each(['viewTokenHash', 'operateTokenHash'] as const)('goes with %s', async (key) => {
    const { http } = await configOf(`${smallConfig}http: { host: 0.0.0.0, ${key}: '${hash}' }`)
    expect(http[key]).toBe(hash)
  })
})

describe('commands that a receiver may send', () => {
  it('go with the hash of the operating token', async () => {
    const hash = `$scrypt$ln=14,r=8,p=1$${'s'.repeat(22)}$${'h'.repeat(43)}`
    const text = `${smallConfig}http: { operateTokenHash: '${hash}', inspectCommands: [camera.pause, daemon.stop] }`
    expect((await configOf(text)).http.inspectCommands).toEqual(['camera.pause', 'daemon.stop'])
  })
})

describe('an address to listen on that others cannot reach', () => {
  it.each(['127.0.0.1', '127.1.2.3', 'localhost', "'::1'"])('needs no token: %s', async (host) => {
    expect((await configOf(`${smallConfig}http: { host: ${host} }`)).http.host).toBe(host.replaceAll("'", ''))
  })
})
