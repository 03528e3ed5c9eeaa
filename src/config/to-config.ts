import { dirname, resolve } from 'node:path'
import { cameraId } from '../domain/ids.ts'
import type { ModelSpec } from '../domain/model.ts'
import { builtinModels } from './builtin-files.ts'
import type { CameraConfig, Config, Credentials, HostKeyConfig, SourceConfig } from './config.ts'
import { formatPath } from './issue.ts'
import type { Secrets } from './read-secrets.ts'
import type { ConfigDocument } from './schema.ts'
import { Secret } from './secret.ts'

/** Puts together what was checked: paths made absolute (from the folder of `fileName`), ids branded, secrets wrapped. */
export function toConfig(document: ConfigDocument, fileName: string, secrets: Secrets): Config {
  const absolute = (path: string) => resolve(dirname(fileName), path)
  const secret = (...places: string[]): Secret | undefined => {
    const place = places.find((each) => secrets.has(each))
    return place === undefined ? undefined : new Secret(secrets.get(place) ?? '', place)
  }
  const { inference, csv, disk, backups, sftp, http, log, process, stop } = document
  return {
    dataFolder: absolute(document.data),
    cameras: document.cameras.map((camera, index) => toCamera(camera, index, absolute, secret)),
    models: Object.entries(document.models).map(([name, model]) => toModel(name, model, absolute)),
    inference,
    csv,
    disk,
    backups,
    sftp: {
      host: sftp.host,
      port: sftp.port,
      username: sftp.username,
      password: secret('sftp.passwordFile', 'sftp.passwordEnv'),
      privateKey: secret('sftp.privateKeyFile'),
      passphrase: secret('sftp.passphraseFile', 'sftp.passphraseEnv'),
      agent: sftp.agent === undefined ? undefined : absolute(sftp.agent),
      hostKey: toHostKey(sftp.hostKey, secrets),
      folder: sftp.folder,
      temporary: sftp.temporary,
      verify: sftp.verify,
      keepFor: sftp.keepFor,
      deadLetterAfter: sftp.deadLetterAfter,
      probeEvery: sftp.probeEvery,
      channels: sftp.channels,
      filesInFlight: sftp.filesInFlight,
      connectTimeout: sftp.connectTimeout,
      operationTimeout: sftp.operationTimeout,
    },
    http: {
      host: http.host,
      port: http.port,
      viewTokenHash: http.viewTokenHash,
      operateTokenHash: http.operateTokenHash,
      inspectCommands: http.inspectCommands,
    },
    log,
    process,
    stop,
  }
}

type Absolute = (path: string) => string
type ReadSecret = (...places: string[]) => Secret | undefined
type CameraDocument = ConfigDocument['cameras'][number]

function toCamera(camera: CameraDocument, index: number, absolute: Absolute, secret: ReadSecret): CameraConfig {
  const at = (key: string) => formatPath(['cameras', index, 'source', key])
  return {
    id: cameraId(camera.id),
    source: toSource(camera.source, absolute, secret(at('passwordFile'), at('passwordEnv'))),
    picture: camera.picture,
    fit: camera.fit,
    crop: camera.crop,
    fps: camera.fps,
    every: camera.every,
    stallAfter: camera.stallAfter,
    frozenAfter: camera.frozenAfter,
    motionGate: camera.motionGate,
    priority: camera.priority,
    detect: camera.detect,
    classify: camera.classify,
    read: camera.read,
  }
}

function toSource(source: CameraDocument['source'], absolute: Absolute, password: Secret | undefined): SourceConfig {
  const credentials = (username: string | undefined): Credentials | undefined =>
    username === undefined || password === undefined ? undefined : { username, password }
  switch (source.type) {
    case 'file':
      return { ...source, path: absolute(source.path) }
    case 'rtsp':
      return { type: 'rtsp', url: source.url, credentials: credentials(source.username), transport: source.transport }
    case 'http': {
      const { type, url, loop, lossless } = source
      return { type, url, credentials: credentials(source.username), loop, lossless }
    }
    case 'device': {
      const { type, path, size, rate, format } = source
      return { type, path: absolute(path), size, rate, format }
    }
    case 'synthetic':
      return source
  }
}

function toModel(name: string, model: ConfigDocument['models'][string], absolute: Absolute): ModelSpec {
  if (model.kind === 'read') {
    return {
      ...{ name, kind: model.kind, file: absolute(model.file), labels: undefined, layout: 'auto' },
      dictionary: model.dictionary === 'from-model' ? undefined : absolute(model.dictionary),
      detector: model.detector === undefined ? undefined : absolute(model.detector),
    }
  }
  const builtin = model.file.startsWith('builtin:') ? builtinModels[model.file.slice('builtin:'.length)] : undefined
  return {
    name,
    kind: model.kind,
    file: builtin ?? absolute(model.file),
    labels: model.labels === 'from-model' ? undefined : model.labels,
    input: model.input === 'from-model' ? undefined : model.input,
    layout: model.kind === 'detect' ? model.layout : 'auto',
    scores: model.kind === 'classify' ? model.scores : undefined,
  }
}

function toHostKey(hostKey: ConfigDocument['sftp']['hostKey'], secrets: Secrets): HostKeyConfig {
  if (hostKey === 'accept-any') return hostKey
  const knownHosts = secrets.get('sftp.hostKey.knownHosts')
  if (knownHosts !== undefined) return { knownHosts }
  return { fingerprints: [hostKey.fingerprint ?? []].flat() }
}
