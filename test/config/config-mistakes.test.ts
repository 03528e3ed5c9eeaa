import { describe, expect, it } from 'vitest'
import { mistakesIn, secretsOf, smallConfig, smallConfigWith } from './small-config.ts'

const source = "{ type: rtsp, url: 'rtsp://10.0.0.5/s' }"
const password = 'passwordEnv: SFTP_PASSWORD'

describe('one mistake in a configuration', () => {
  it.each([
    {
      what: 'a misspelt key',
      text: `${smallConfig}inference: { worker: 2 }`,
      mistake:
        'belay.yaml:12:14 inference.worker: expected one of workers, providers, deadline, wedgedLimit (nearest: workers), found the unknown key "worker"',
    },
    {
      what: 'a key that another kind of source has',
      text: smallConfigWith(source, '{ type: file, path: a.mp4, transport: udp }'),
      mistake:
        'belay.yaml:3:40 cameras[0].source.transport: expected one of type, path, loop, lossless (nearest: type), found the unknown key "transport"',
    },
    {
      what: 'a password for a source that has none',
      text: smallConfigWith(source, '{ type: file, path: a.mp4, passwordFile: /none }'),
      mistake:
        'belay.yaml:3:40 cameras[0].source.passwordFile: expected one of type, path, loop, lossless (nearest: path), found the unknown key "passwordFile"',
    },
    {
      what: 'a missing key',
      text: smallConfigWith(source, '{ type: rtsp }'),
      mistake:
        'belay.yaml:3:13 cameras[0].source.url: expected an address such as rtsp://10.0.0.5/stream1, found nothing',
    },
    {
      what: 'a missing section',
      text: smallConfig.slice(0, smallConfig.indexOf('sftp:')),
      mistake:
        'belay.yaml:1:1 sftp: expected a map of host, port, username, passwordFile, passwordEnv, privateKeyFile, passphraseFile, passphraseEnv, agent, hostKey, folder, temporary, verify, keepFor, deadLetterAfter, probeEvery, channels, filesInFlight, connectTimeout and operationTimeout, found nothing',
    },
    {
      what: 'an empty list of cameras',
      text: smallConfig.replace(/cameras:[^]*models:/, 'cameras: []\nmodels:'),
      mistake: 'belay.yaml:1:10 cameras: expected a list of one or more cameras, found an empty list',
    },
    {
      what: 'an id that folders could not have',
      text: smallConfigWith('dock-1', 'Dock_1'),
      mistake:
        'belay.yaml:2:9 cameras[0].id: expected an id of lower case letters, digits and dashes (not the first), at most 32, such as dock-1, found "Dock_1"',
    },
    {
      what: 'an id that is too long by one',
      text: smallConfigWith('dock-1', 'a'.repeat(33)),
      mistake:
        'belay.yaml:2:9 cameras[0].id: expected an id of lower case letters, digits and dashes (not the first), at most 32, such as dock-1, found "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"',
    },
    {
      what: 'an id used twice',
      text: smallConfigWith(
        'models:',
        `  - id: dock-1\n    source: ${source}\n    detect: { model: particles }\nmodels:`,
      ),
      mistake: 'belay.yaml:5:9 cameras[1].id: expected an id of its own, found "dock-1", which is the id of cameras[0]',
    },
    {
      what: 'an unknown kind of source',
      text: smallConfigWith(source, '{ type: rtps }'),
      mistake: 'belay.yaml:3:21 cameras[0].source.type: expected file, rtsp, http, device or synthetic, found "rtps"',
    },
    {
      what: 'a format that is none of ffmpeg’s names',
      text: smallConfigWith(source, '{ type: device, path: /dev/video0, format: "YUYV 4:2:2" }'),
      mistake:
        'belay.yaml:3:56 cameras[0].source.format: expected a format by ffmpeg’s name, such as mjpeg, yuyv422 or h264, found "YUYV 4:2:2"',
    },
    {
      what: 'a camera that nothing looks at',
      text: smallConfigWith('    detect: { model: particles }\n', ''),
      mistake: 'belay.yaml:2:5 cameras[0]: expected one or more of detect, classify and read, found none',
    },
    {
      what: 'a model that is not there',
      text: smallConfigWith('model: particles', 'model: partikels'),
      mistake: 'belay.yaml:4:22 cameras[0].detect.model: expected a model of kind detect: particles, found "partikels"',
    },
    {
      what: 'a model of the other kind',
      text: smallConfigWith('detect: { model', 'classify: { model'),
      mistake:
        'belay.yaml:4:24 cameras[0].classify.model: expected a model of kind classify, and models has none, found "particles", which is of kind detect',
    },
    {
      what: 'a bundled model that does not exist',
      text: smallConfigWith('belt-particles', 'belt-partikels'),
      mistake:
        'belay.yaml:6:36 models.particles.file: expected builtin:belt-particles or builtin:belt-state, or a path, found "builtin:belt-partikels"',
    },
    {
      what: 'a duration without a unit',
      text: `${smallConfig}inference: { deadline: 2 }`,
      mistake:
        'belay.yaml:12:24 inference.deadline: expected a duration from 10ms to 24h, such as 500ms, 5s, 2m or 1h, found 2',
    },
    {
      what: 'a duration below its least',
      text: `${smallConfig}inference: { deadline: 9ms }`,
      mistake:
        'belay.yaml:12:24 inference.deadline: expected a duration from 10ms to 24h, such as 500ms, 5s, 2m or 1h, found "9ms"',
    },
    {
      what: 'a duration that timers cannot keep',
      text: `${smallConfig}stop: { budget: 24.001h }`,
      mistake:
        'belay.yaml:12:17 stop.budget: expected a duration from 1ms to 24h, such as 500ms, 5s, 2m or 1h, found "24.001h"',
    },
    {
      what: 'a size with an unknown unit',
      text: `${smallConfig}csv: { rotation: { bytes: 10mb } }`,
      mistake:
        'belay.yaml:12:27 csv.rotation.bytes: expected a size from 1000B to 1000GB, such as 64KiB, 10MB or 1GiB, found "10mb"',
    },
    {
      what: 'a size below its least',
      text: `${smallConfig}csv: { rotation: { bytes: 999B } }`,
      mistake:
        'belay.yaml:12:27 csv.rotation.bytes: expected a size from 1000B to 1000GB, such as 64KiB, 10MB or 1GiB, found "999B"',
    },
    {
      what: 'a number out of range',
      text: smallConfigWith('model: particles', 'model: particles, scoreThreshold: 1.01'),
      mistake: 'belay.yaml:4:49 cameras[0].detect.scoreThreshold: expected a number from 0 to 1, found 1.01',
    },
    {
      what: 'a port that does not exist',
      text: `${smallConfig}http: { port: 65536 }`,
      mistake: 'belay.yaml:12:15 http.port: expected a whole number from 0 to 65535, found 65536',
    },
    {
      what: 'a picture below the least size',
      text: smallConfigWith('detect:', 'picture: 640x15\n    detect:'),
      mistake:
        'belay.yaml:4:14 cameras[0].picture: expected auto, or a size in pixels such as 640x480, 16 to 8192 a side, found "640x15"',
    },
    {
      what: 'a part of the picture that is too small',
      text: smallConfigWith('detect:', 'crop: { x: 0, y: 0, width: 15, height: 16 }\n    detect:'),
      mistake: 'belay.yaml:4:32 cameras[0].crop.width: expected a whole number from 16 to 65535, found 15',
    },
    {
      what: 'a rate of no frames',
      text: smallConfigWith('detect:', 'fps: 0\n    detect:'),
      mistake: 'belay.yaml:4:10 cameras[0].fps: expected all, or a number from 0.01 to 1000, found 0',
    },
    {
      what: 'a stall that is too short to tell',
      text: smallConfigWith('detect:', 'stallAfter: 99ms\n    detect:'),
      mistake:
        'belay.yaml:4:17 cameras[0].stallAfter: expected auto, or a duration from 100ms to 24h, such as 500ms, 5s, 2m or 1h, found "99ms"',
    },
    {
      what: 'half a thread',
      text: `${smallConfig}inference: { workers: 1.5 }`,
      mistake: 'belay.yaml:12:23 inference.workers: expected auto, or a whole number from 1 to 256, found 1.5',
    },
    {
      what: 'a label that is no text',
      text: smallConfigWith("particles' }", "particles', labels: [dent, 5] }"),
      mistake:
        'belay.yaml:6:77 models.particles.labels[1]: expected a text (in quotes if it looks like a number), found 5',
    },
    {
      what: 'a number where a text belongs',
      text: smallConfigWith('username: belay', 'username: 1234'),
      mistake: 'belay.yaml:9:13 sftp.username: expected a text (in quotes if it looks like a number), found 1234',
    },
    {
      what: 'a word where true or false belongs',
      text: `${smallConfig}csv: { rotation: { everyRequest: yes } }`,
      mistake: 'belay.yaml:12:34 csv.rotation.everyRequest: expected true or false, found "yes"',
    },
    {
      what: 'a path in a home folder',
      text: smallConfigWith(password, 'passwordFile: ~/password'),
      mistake:
        'belay.yaml:10:17 sftp.passwordFile: expected a path without ~, which means nothing here: written out, such as /home/belay/password, or relative to the folder of this file, found a string that is not shown',
    },
    {
      what: 'a home folder as the data folder',
      text: `${smallConfig}data: '~'\n`,
      mistake:
        'belay.yaml:12:7 data: expected a path without ~, which means nothing here: written out, such as /home/belay/password, or relative to the folder of this file, found "~"',
    },
    {
      what: 'a folder in the home folder of the server',
      text: smallConfigWith('accept-any', 'accept-any\n  folder: ~/results'),
      mistake:
        'belay.yaml:12:11 sftp.folder: expected a path without ~, which means nothing here: relative ones begin at the login folder, so results instead of ~/results, found "~/results"',
    },
    {
      what: 'a port behind the host',
      text: smallConfigWith('sftp.example.com', 'sftp.example.com:2222'),
      mistake:
        'belay.yaml:8:9 sftp.host: expected a host name or an IP address alone (the port has its own key, `port`), found "sftp.example.com:2222"',
    },
    {
      what: 'a port behind an address',
      text: smallConfigWith('sftp.example.com', '10.0.0.5:2222'),
      mistake:
        'belay.yaml:8:9 sftp.host: expected a host name or an IP address alone (the port has its own key, `port`), found "10.0.0.5:2222"',
    },
    {
      what: 'a server without a host key',
      text: smallConfigWith('  hostKey: accept-any\n', ''),
      mistake:
        'belay.yaml:8:3 sftp.hostKey: expected a map with `fingerprint` or `knownHosts`, or the words accept-any, found nothing',
    },
    {
      what: 'a host key given in no way',
      text: smallConfigWith('accept-any', '{}'),
      mistake: 'belay.yaml:11:12 sftp.hostKey: expected either fingerprint or knownHosts, found neither',
    },
    {
      what: 'a fingerprint of another kind',
      text: smallConfigWith('accept-any', "{ fingerprint: 'MD5:00:11' }"),
      mistake:
        'belay.yaml:11:27 sftp.hostKey.fingerprint: expected a fingerprint as ssh-keygen -l prints it, SHA256: and 43 characters, or a list of such, found "MD5:00:11"',
    },
    {
      what: 'a time to keep files that is shorter than a second',
      text: smallConfigWith('accept-any', 'accept-any\n  keepFor: 0.5s'),
      mistake:
        'belay.yaml:12:12 sftp.keepFor: expected forever, or a duration from 1s to 3650d, such as 90m, 36h or 7d, found "0.5s"',
    },
    {
      what: 'a server without password or key',
      text: smallConfigWith(`  ${password}\n`, ''),
      mistake: 'belay.yaml:8:3 sftp: expected passwordFile, passwordEnv, privateKeyFile or agent, found none of them',
    },
    {
      what: 'a passphrase without a key',
      text: smallConfigWith(password, `${password}\n  passphraseEnv: SFTP_PASSWORD`),
      mistake: 'belay.yaml:11:18 sftp.passphraseEnv: expected privateKeyFile beside it, found nothing',
    },
    {
      what: 'a password from two places',
      text: smallConfigWith(password, 'passwordFile: /p\n  passwordEnv: SFTP_PASSWORD'),
      mistake: 'belay.yaml:11:16 sftp.passwordEnv: expected either passwordFile or passwordEnv, found both',
    },
    {
      what: 'a camera’s user name without a password',
      text: smallConfigWith("0.5/s' }", "0.5/s', username: viewer }"),
      mistake:
        'belay.yaml:3:63 cameras[0].source.username: expected passwordFile or passwordEnv beside it, found neither',
    },
    {
      what: 'a camera’s password without a user name',
      text: smallConfigWith("0.5/s' }", "0.5/s', passwordFile: /p }"),
      mistake: 'belay.yaml:3:67 cameras[0].source.passwordFile: expected username beside it, found nothing',
    },
    {
      what: 'a page for everybody without a token',
      text: `${smallConfig}http: { host: 0.0.0.0 }`,
      mistake:
        'belay.yaml:12:15 http.host: expected an address of loopback such as 127.0.0.1, or viewTokenHash or operateTokenHash beside it, found "0.0.0.0"',
    },
    {
      what: 'commands of a receiver that nobody may send',
      text: `${smallConfig}http: { inspectCommands: [camera.pause] }`,
      mistake:
        'belay.yaml:12:26 http.inspectCommands: expected operateTokenHash beside it, for who may send them, found none',
    },
    {
      what: 'a command of a receiver that there is not',
      text: `${smallConfig}http: { inspectCommands: [drain], operateTokenHash: '$scrypt$ln=14,r=8,p=1$${'s'.repeat(22)}$${'h'.repeat(43)}' }`,
      mistake:
        'belay.yaml:12:27 http.inspectCommands[0]: expected camera.restart, camera.pause, camera.resume, file.retry or daemon.stop, found "drain"',
    },
    {
      what: 'a file of no secret that is missing',
      text: smallConfigWith('hostKey: accept-any', 'hostKey: { knownHosts: none }'),
      mistake: `belay.yaml:11:26 sftp.hostKey.knownHosts: expected a file that can be read, found ${process.cwd()}/none, which cannot (ENOENT)`,
    },
    {
      what: 'a secret file that is missing',
      text: smallConfigWith(password, 'passwordFile: /etc/belay/none'),
      mistake:
        'belay.yaml:10:17 sftp.passwordFile: expected a file that can be read, found /etc/belay/none, which cannot (ENOENT)',
    },
    {
      what: 'a secret file that is empty',
      text: smallConfigWith(password, 'passwordFile: /blank'),
      mistake: 'belay.yaml:10:17 sftp.passwordFile: expected a secret in it, found nothing but blanks',
    },
    {
      what: 'a secret file that holds something else',
      text: smallConfigWith(password, 'passwordFile: /lines'),
      mistake: 'belay.yaml:10:17 sftp.passwordFile: expected a secret on one line, found several lines',
    },
    {
      what: 'an environment variable that is not set',
      text: smallConfigWith('SFTP_PASSWORD', 'SFTP_PASSWROD'),
      mistake:
        'belay.yaml:10:16 sftp.passwordEnv: expected an environment variable that is set, found SFTP_PASSWROD, which is not',
    },
    {
      what: 'a model’s name with blanks',
      text: smallConfigWith('hostKey: accept-any', 'hostKey: accept-any').replace(
        'sftp:',
        "  'belt state': { kind: classify, file: 'builtin:belt-state' }\nsftp:",
      ),
      mistake:
        'belay.yaml:7:3 models.…: expected a name of letters, digits and (not the first) dots, dashes and underscores, at most 64, found another name',
    },
    {
      what: 'a key that stands twice',
      text: `${smallConfig}log: { level: info, level: warn }`,
      mistake: 'belay.yaml:12:21: expected each key once, found a key that stands above in the same map',
    },
    {
      what: 'a bracket that is not closed',
      text: `${smallConfig}log: { level: info`,
      mistake:
        'belay.yaml:12:19: expected this to be indented like its neighbours, and each bracket to be closed, found something else',
    },
    {
      what: 'a tab',
      text: `${smallConfig}log:\n\tlevel: info`,
      mistake: 'belay.yaml:13:1: expected blanks for indentation, found a tab',
    },
    {
      what: 'a reference to nothing',
      text: smallConfigWith('detect: { model: particles }', 'detect: *detect'),
      mistake: 'belay.yaml:4:13: expected a reference to an anchor (&name) above it, found no such anchor',
    },
    {
      what: 'a reference to what it is in',
      text: smallConfigWith('detect: { model: particles }', 'detect: &detect { model: *detect }'),
      mistake: 'belay.yaml:4:30: expected a reference to another place, found one to what it is in',
    },
    {
      what: 'a merge of what is no map',
      text: smallConfigWith('model: particles', 'model: particles, <<: 5'),
      mistake: 'belay.yaml:4:37: expected a reference to a map after <<, found something else',
    },
    {
      what: 'a tag',
      text: smallConfigWith('username: belay', 'username: !secret belay'),
      mistake: 'belay.yaml:9:13: expected no tags, found a tag (!name)',
    },
    {
      what: 'an empty file',
      text: '',
      mistake:
        'belay.yaml:1:1: expected a map of data, cameras, models, inference, csv, disk, backups, sftp, http, log, process and stop, found nothing',
    },
  ])('is told: $what', async ({ text, mistake }) => {
    const reader = secretsOf({ '/p': 'hunter2', '/blank': ' \n', '/lines': 'a\nb\n' })
    expect(await mistakesIn(text, reader)).toEqual([mistake])
  })
})

describe('several mistakes in a configuration', () => {
  it('are told all at once, in the order of the text', async () => {
    const text = `cameras:
  - id: dock-1
    source: { type: rtsp }
    fps: -1
    detect: { model: nope }
  - 5
models:
  particles: { kind: detect, file: 'builtin:belt-particles' }
sftp: { host: h, username: u, passwordFile: /none, hostKey: accept-any }
stop: { budget: 60, budget: 61 }
`
    expect(await mistakesIn(text)).toEqual([
      'belay.yaml:3:13 cameras[0].source.url: expected an address such as rtsp://10.0.0.5/stream1, found nothing',
      'belay.yaml:4:10 cameras[0].fps: expected all, or a number from 0.01 to 1000, found -1',
      'belay.yaml:5:22 cameras[0].detect.model: expected a model of kind detect: particles, found "nope"',
      'belay.yaml:6:5 cameras[1]: expected a map of id, source, picture, fit, crop, fps, every, stallAfter, frozenAfter, motionGate, priority, detect, classify and read, found 5',
      'belay.yaml:9:45 sftp.passwordFile: expected a file that can be read, found /none, which cannot (ENOENT)',
      'belay.yaml:10:21: expected each key once, found a key that stands above in the same map',
      'belay.yaml:10:29 stop.budget: expected a duration from 1ms to 24h, such as 500ms, 5s, 2m or 1h, found 61',
    ])
  })
})

describe('a secret that stands in the configuration', () => {
  it.each([
    {
      what: 'as a password',
      text: smallConfigWith(password, 'password: hunter2'),
      mistake:
        'belay.yaml:10:3 sftp.password: expected passwordFile or passwordEnv: secrets come from a file or the environment and never stand here, found password, whose value is not shown',
    },
    {
      what: 'as a token',
      text: `${smallConfig}http: { token: hunter2 }`,
      mistake:
        'belay.yaml:12:9 http.token: expected viewTokenHash or operateTokenHash: secrets come from a file or the environment and never stand here, found token, whose value is not shown',
    },
    {
      what: 'in place of its hash',
      text: `${smallConfig}http: { viewTokenHash: hunter2 }`,
      mistake:
        'belay.yaml:12:24 http.viewTokenHash: expected a hash as `belay token` prints it, beginning with $scrypt$, found a string that is not shown',
    },
    {
      what: 'inside an address',
      text: smallConfigWith('rtsp://10', 'rtsp://viewer:hunter2@10'),
      mistake:
        'belay.yaml:3:32 cameras[0].source.url: expected an address without user name and password (they go into `username` and `passwordFile` or `passwordEnv`), found "rtsp://…@10.0.0.5/…"',
    },
    {
      what: 'behind the question mark of an address',
      text: smallConfigWith('rtsp://10.0.0.5/s', 'rtsp://10.0.0.5/?user=viewer&password=hunter2'),
      mistake:
        'belay.yaml:3:32 cameras[0].source.url: expected an address without a password (write {password} in its place; it comes from `passwordFile` or `passwordEnv`), found "rtsp://10.0.0.5/…"',
    },
    {
      what: 'in the path of an address',
      text: smallConfigWith('rtsp://10.0.0.5/s', 'rtsp://10.0.0.5/user=viewer_password=hunter2_channel=1'),
      mistake:
        'belay.yaml:3:32 cameras[0].source.url: expected an address without a password (write {password} in its place; it comes from `passwordFile` or `passwordEnv`), found "rtsp://10.0.0.5/…"',
    },
    {
      what: 'nowhere, and is awaited',
      text: smallConfigWith('rtsp://10.0.0.5/s', 'rtsp://10.0.0.5/?user={username}&password={password}'),
      mistake:
        'belay.yaml:3:32 cameras[0].source.url: expected username, and passwordFile or passwordEnv, beside what stands for them, found neither',
    },
    {
      what: 'inside an address of the wrong kind',
      text: smallConfigWith('rtsp://10.0.0.5/s', 'http://10.0.0.5/s?password=hunter2'),
      mistake:
        'belay.yaml:3:32 cameras[0].source.url: expected an address such as rtsp://10.0.0.5/stream1, found "http://10.0.0.5/…"',
    },
    {
      what: 'inside an address without its scheme',
      text: smallConfigWith('rtsp://10.0.0.5/s', '10.0.0.5/stream?password=hunter2'),
      mistake:
        'belay.yaml:3:32 cameras[0].source.url: expected an address such as rtsp://10.0.0.5/stream1, found "10.0.0.5/…"',
    },
    {
      what: 'inside an address with half of its scheme',
      text: smallConfigWith('rtsp://10.0.0.5/s', 'rtsp:10.0.0.5/?pwd=hunter2'),
      mistake:
        'belay.yaml:3:32 cameras[0].source.url: expected an address such as rtsp://10.0.0.5/stream1, found "rtsp:10.0.0.5/…"',
    },
    {
      what: 'behind the question mark of an address that is no address',
      text: smallConfigWith('rtsp://10.0.0.5/s', '10.0.0.5?pwd=hunter2'),
      mistake:
        'belay.yaml:3:32 cameras[0].source.url: expected an address such as rtsp://10.0.0.5/stream1, found "10.0.0.5/…"',
    },
    {
      what: 'inside an address that stands for its map',
      text: smallConfigWith(source, '10.0.0.5/user=viewer_password=hunter2'),
      mistake: 'belay.yaml:3:13 cameras[0].source: expected a map with a `type`, found "10.0.0.5/…"',
    },
    {
      what: 'inside an address where a host belongs',
      text: smallConfigWith('sftp.example.com', 'a_b?pwd=hunter2'),
      mistake: 'belay.yaml:8:9 sftp.host: expected a host name or an IP address, found "a_b?…"',
    },
    {
      what: 'where the name of its file belongs',
      text: smallConfigWith(password, 'passwordFile: hunter2'),
      mistake: `belay.yaml:10:17 sftp.passwordFile: expected a file that can be read, found a name without a folder, which is not shown, and in ${process.cwd()} cannot (ENOENT)`,
    },
    {
      what: 'where the name of a variable belongs',
      text: smallConfigWith('SFTP_PASSWORD', 'hunter2'),
      mistake:
        'belay.yaml:10:16 sftp.passwordEnv: expected the name of an environment variable in upper case, such as BELAY_PASSWORD, found a string that is not shown',
    },
    {
      what: 'glued to its key',
      text: `${smallConfig}http: { 'token:hunter2' }`,
      mistake:
        'belay.yaml:12:9 http.…: expected one of host, port, viewTokenHash, operateTokenHash, inspectCommands (nearest: host), found an unknown key with other characters than letters, digits and dashes',
    },
    {
      what: 'in broken YAML',
      text: smallConfigWith(password, 'password: "hunter2" hunter2'),
      mistake: 'belay.yaml:10:23: expected YAML, found something that does not belong here',
    },
  ])('is told without being shown: $what', async ({ text, mistake }) => {
    const mistakes = await mistakesIn(text)
    expect(mistakes).toEqual([mistake])
    expect(mistakes.join('\n')).not.toContain('hunter2')
  })
})
