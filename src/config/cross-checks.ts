import { describeFound } from './found.ts'
import { type ConfigPath, type Issue, itemsAt, textAt, valueAt } from './issue.ts'
import { nearest } from './nearest.ts'
import { orList } from './section.ts'

/**
 * What no single value shows: references, pairs, and what must be there together.
 *
 * Works on the document as it was written, so that it finds its mistakes beside those of the schema; values of the wrong
 * kind are the schema's business and are passed over.
 */
export const crossChecks = (document: unknown): Issue[] => [
  ...itemsAt(document, ['cameras']).flatMap(([index]) => cameraChecks(document, index)),
  ...sftpChecks(document),
  ...httpChecks(document),
]

const modelKinds = ['detect', 'classify', 'read'] as const

function cameraChecks(document: unknown, index: number): Issue[] {
  const camera: ConfigPath = ['cameras', index]
  if (!isMap(valueAt(document, camera))) return []
  const issues: Issue[] = []
  const id = textAt(document, [...camera, 'id'])
  const first = itemsAt(document, ['cameras']).find(([other]) => textAt(document, ['cameras', other, 'id']) === id)?.[0]
  if (id !== undefined && first !== undefined && first < index) {
    issues.push(mistake([...camera, 'id'], 'an id of its own', `"${id}", which is the id of cameras[${first}]`))
  }
  if (!modelKinds.some((kind) => has(document, [...camera, kind]))) {
    issues.push(mistake(camera, 'one or more of detect, classify and read', 'none'))
  }
  for (const kind of modelKinds) issues.push(...modelCheck(document, [...camera, kind, 'model'], kind))
  const source: ConfigPath = [...camera, 'source']
  const issue = credentialsCheck(document, source)
  return issue === undefined ? issues : [...issues, issue]
}

/** The model is there, and of the kind that the camera uses it as. */
function modelCheck(document: unknown, path: ConfigPath, kind: (typeof modelKinds)[number]): Issue[] {
  const name = textAt(document, path)
  const models = valueAt(document, ['models'])
  if (name === undefined || !isMap(models)) return []
  const usable = Object.keys(models).filter((other) => textAt(models, [other, 'kind']) === kind)
  if (usable.includes(name)) return []
  const actual = textAt(models, [name, 'kind'])
  // A model whose own kind is wrong has its mistake there.
  if (Object.hasOwn(models, name) && !modelKinds.some((known) => known === actual)) return []
  const hint = usable.length < 2 ? '' : ` (nearest: ${nearest(name, usable)})`
  const expected =
    usable.length === 0
      ? `a model of kind ${kind}, and models has none`
      : `a model of kind ${kind}: ${orList(usable)}${hint}`
  const shown = describeFound(name, 'model')
  return [mistake(path, expected, actual === undefined ? shown : `${shown}, which is of kind ${actual}`)]
}

/** A user name has a password from one place, and a password has a user name. */
function credentialsCheck(document: unknown, at: ConfigPath): Issue | undefined {
  const twice = givenTwice(document, at, 'password')
  if (twice !== undefined) return twice
  const username = has(document, [...at, 'username'])
  const password = ['passwordFile', 'passwordEnv', 'password'].find((key) => has(document, [...at, key]))
  if (username && password === undefined) {
    return mistake([...at, 'username'], 'passwordFile or passwordEnv beside it', 'neither')
  }
  if (!username && password !== undefined) return mistake([...at, password], 'username beside it', 'nothing')
  const isAwaited = /\{(username|password)\}/.test(textAt(document, [...at, 'url']) ?? '')
  if (!isAwaited || username) return undefined
  return mistake([...at, 'url'], 'username, and passwordFile or passwordEnv, beside what stands for them', 'neither')
}

function sftpChecks(document: unknown): Issue[] {
  const sftp: ConfigPath = ['sftp']
  if (!isMap(valueAt(document, sftp))) return []
  const given = (...keys: string[]) => keys.some((key) => has(document, [...sftp, key]))
  const issues = [givenTwice(document, sftp, 'password'), givenTwice(document, sftp, 'passphrase')]
  // A secret written out has its own mistake; that it is missing as well would only confuse.
  if (!given('passwordFile', 'passwordEnv', 'privateKeyFile', 'agent', 'password', 'privateKey')) {
    issues.push(mistake(sftp, 'passwordFile, passwordEnv, privateKeyFile or agent', 'none of them'))
  }
  for (const key of ['passphraseFile', 'passphraseEnv']) {
    if (given(key) && !given('privateKeyFile'))
      issues.push(mistake([...sftp, key], 'privateKeyFile beside it', 'nothing'))
  }
  const hostKey: ConfigPath = [...sftp, 'hostKey']
  const ways = ['fingerprint', 'knownHosts'].filter((key) => has(document, [...hostKey, key])).length
  if (isMap(valueAt(document, hostKey)) && ways !== 1) {
    issues.push(mistake(hostKey, 'either fingerprint or knownHosts', ways === 0 ? 'neither' : 'both'))
  }
  return issues.filter((issue) => issue !== undefined)
}

function httpChecks(document: unknown): Issue[] {
  const issues: Issue[] = []
  const host = textAt(document, ['http', 'host'])
  const [view, operate] = ['viewTokenHash', 'operateTokenHash'].map((key) => has(document, ['http', key]))
  if (host !== undefined && !view && !operate && !isLoopback(host)) {
    const expected = 'an address of loopback such as 127.0.0.1, or viewTokenHash or operateTokenHash beside it'
    issues.push(mistake(['http', 'host'], expected, describeFound(host, 'host')))
  }
  if (itemsAt(document, ['http', 'inspectCommands']).length > 0 && !operate)
    issues.push(mistake(['http', 'inspectCommands'], 'operateTokenHash beside it, for who may send them', 'none'))
  return issues
}

function givenTwice(document: unknown, at: ConfigPath, secret: string): Issue | undefined {
  const both = has(document, [...at, `${secret}File`]) && has(document, [...at, `${secret}Env`])
  return both ? mistake([...at, `${secret}Env`], `either ${secret}File or ${secret}Env`, 'both') : undefined
}

const isLoopback = (host: string): boolean =>
  host.toLowerCase() === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)

const has = (document: unknown, path: ConfigPath): boolean => valueAt(document, path) !== undefined

const isMap = (value: unknown): value is object => typeof value === 'object' && value !== null && !Array.isArray(value)

const mistake = (path: ConfigPath, expected: string, found: string): Issue => ({ path, at: 'value', expected, found })
