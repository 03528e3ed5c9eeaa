import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))
const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => file !== '' && existsSync(join(root, file)))

/** Modules of Node that only compute. */
const pureNode = ['crypto', 'path', 'stream', 'url', 'util', 'zlib'].map((name) => `package:node:${name}`)

/** Who may import whom: each folder of src with the folders and packages whose values it may use, and further ones for types. */
const mayImport: Record<string, { values: readonly string[]; types: readonly string[] }> = {
  domain: { values: [], types: [] },
  ports: { values: [], types: ['domain'] },
  config: { values: ['domain', 'package:zod', 'package:yaml', 'package:fastest-levenshtein', ...pureNode], types: [] },
  storage: { values: ['domain', 'package:@fast-csv/format', 'package:tar-stream', ...pureNode], types: ['ports'] },
  delivery: { values: ['domain', ...pureNode], types: ['ports'] },
  'frame-path': { values: ['domain'], types: ['ports'] },
  supervision: { values: ['package:xstate'], types: [] },
  machines: { values: ['domain', 'package:xstate'], types: ['supervision', 'config'] },
  actors: {
    values: ['domain', 'storage', 'delivery', 'frame-path', 'package:xstate'],
    types: ['ports', 'machines', 'config'],
  },
  workers: { values: ['domain', 'package:*'], types: [] },
  'inspection-feed': {
    values: ['domain', 'package:zod'],
    types: ['ports', 'machines', 'supervision', 'config', 'package:xstate'],
  },
  adapters: { values: ['domain', 'package:*'], types: ['ports', 'config', 'workers', 'inspection-feed'] },
  inspector: { values: ['domain', 'inspection-feed', 'package:preact', 'package:uplot'], types: ['ports'] },
  logging: {
    values: ['domain'],
    types: ['ports', 'supervision', 'storage', 'delivery', 'frame-path', 'inspection-feed'],
  },
  process: { values: ['domain'], types: ['ports', 'config', 'frame-path', 'inspection-feed', 'supervision'] },
  slots: { values: ['*'], types: ['*'] },
  commands: { values: ['*'], types: ['*'] },
  'daemon.ts': { values: ['*'], types: ['*'] },
  'main.ts': { values: ['*'], types: ['*'] },
}

/** Of the page the whole counts as one. */
const folderOf = (file: string): string =>
  file.startsWith('inspector/src/') ? 'inspector' : (relative('src', file).split('/')[0] ?? '')

interface Import {
  readonly from: string
  readonly typeOnly: boolean
}

function importsOf(file: string): Import[] {
  const source = ts.createSourceFile(file, readFileSync(join(root, file), 'utf8'), ts.ScriptTarget.Latest, true)
  const imports: Import[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
      const clause = node.importClause
      const named = clause?.namedBindings
      const allTypes =
        clause?.phaseModifier === ts.SyntaxKind.TypeKeyword ||
        (clause?.name === undefined &&
          named !== undefined &&
          ts.isNamedImports(named) &&
          named.elements.length > 0 &&
          named.elements.every((element) => element.isTypeOnly))
      imports.push({ from: node.moduleSpecifier.text, typeOnly: allTypes })
    } else if (ts.isExportDeclaration(node) && node.moduleSpecifier && ts.isStringLiteral(node.moduleSpecifier)) {
      imports.push({ from: node.moduleSpecifier.text, typeOnly: node.isTypeOnly })
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const [argument] = node.arguments
      if (argument && ts.isStringLiteral(argument)) imports.push({ from: argument.text, typeOnly: false })
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return imports
}

function faultOf(file: string, { from, typeOnly }: Import): string | undefined {
  const folder = folderOf(file)
  const rule = mayImport[folder]
  if (rule === undefined) return `${file}: src/${folder} is not in the import table`
  const target = from.startsWith('.') ? folderOf(normalize(join(dirname(file), from))) : `package:${from}`
  if (target === folder) return undefined
  const allowed = typeOnly ? [...rule.values, ...rule.types] : rule.values
  const fits = (entry: string) =>
    (entry === '*' && target !== 'inspector') ||
    entry === target ||
    (entry === 'package:*' && target.startsWith('package:')) ||
    (entry.startsWith('package:') && target.startsWith(`${entry}/`))
  return allowed.some(fits) ? undefined : `${file}: may not import ${typeOnly ? 'types' : 'values'} from ${from}`
}

/** Which files each file imports, types included, directly or through others. */
function reachOf(sources: readonly string[]): Map<string, ReadonlySet<string>> {
  const direct = new Map(
    sources.map((file) => [
      file,
      importsOf(file).flatMap(({ from }) => (from.startsWith('.') ? [normalize(join(dirname(file), from))] : [])),
    ]),
  )
  const reach = (file: string): ReadonlySet<string> => {
    const reached = new Set<string>()
    const open = [...(direct.get(file) ?? [])]
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (reached.has(next)) continue
      reached.add(next)
      open.push(...(direct.get(next) ?? []))
    }
    return reached
  }
  return new Map(sources.map((file) => [file, reach(file)]))
}

describe('the source tree', () => {
  const sources = files.filter((file) => file.startsWith('src/') && file.endsWith('.ts'))
  const pages = files.filter((file) => /^inspector\/src\/.*\.tsx?$/.test(file))

  it('has something to check', () => {
    expect(sources.length).toBeGreaterThan(20)
  })

  it('imports only along the table', () => {
    const faults = [...sources, ...pages].flatMap((file) =>
      importsOf(file).flatMap((found) => faultOf(file, found) ?? []),
    )
    expect(faults).toEqual([])
  })

  it('catches an import against the table', () => {
    expect(faultOf('src/domain/a.ts', { from: '../ports/clock.ts', typeOnly: true })).toMatch('may not import types')
    expect(faultOf('src/machines/a.ts', { from: '../ports/clock.ts', typeOnly: false })).toMatch(
      'may not import values',
    )
    expect(faultOf('src/storage/a.ts', { from: 'node:fs', typeOnly: false })).toMatch('may not import values')
    expect(faultOf('src/storage/a.ts', { from: '../ports/disk.ts', typeOnly: true })).toBeUndefined()
    expect(faultOf('inspector/src/line/a.ts', { from: '../../../src/slots/a.ts', typeOnly: true })).toMatch('types')
    for (const folder of ['adapters', 'slots'])
      expect(faultOf(`src/${folder}/a.ts`, { from: '../../inspector/src/app.tsx', typeOnly: false })).toMatch('values')
  })

  it('has one circle of imports: what a lane of the supervisor comes to may begin in another', () => {
    const reach = reachOf([...sources, ...pages])
    const circled = [...reach].filter(([file, reached]) => reached.has(file)).map(([file]) => file)
    expect(circled).toEqual(['calls', 'lanes', 'restart'].map((name) => `src/supervision/${name}.ts`))
  })

  it('exports by name; only worker entries have a default', () => {
    const defaults = sources.filter(
      (file) => !file.startsWith('src/workers/') && /^export default /m.test(readFileSync(join(root, file), 'utf8')),
    )
    expect(defaults).toEqual([])
  })

  it('names its files in kebab-case', () => {
    expect(sources.filter((file) => !/^[a-z0-9-]+(\.[a-z]+)?\.ts$/.test(file.split('/').at(-1) ?? ''))).toEqual([])
  })

  it('has no file over 350 lines', () => {
    const long = sources.filter((file) => readFileSync(join(root, file), 'utf8').split('\n').length > 350)
    expect(long).toEqual([])
  })
})

describe('the tests', () => {
  const tests = files.filter((file) => file.startsWith('test/') && file.endsWith('.ts'))

  it('skip nothing and single nothing out', () => {
    // Built from parts, so that this file does not find itself.
    const marks = new RegExp(`\\b(it|describe|test)\\.(${['skip', 'only', 'todo', 'skipIf', 'runIf'].join('|')})\\b`)
    expect(tests.filter((file) => marks.test(readFileSync(join(root, file), 'utf8')))).toEqual([])
  })
})

describe('the documents', () => {
  const documents = files.filter((file) => file.endsWith('.md'))

  it('link only to files that exist', () => {
    const broken = documents.flatMap((file) =>
      [...readFileSync(join(root, file), 'utf8').matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)[^)]*\)/g)]
        .map(([, link = '']) => link)
        .filter((link) => !existsSync(join(root, dirname(file), link)))
        .map((link) => `${file}: ${link}`),
    )
    expect(broken).toEqual([])
  })

  it("come with the package where they are the library's, and with them what they link to", () => {
    const { files } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { readonly files: string[] }
    const isPacked = (file: string) => files.some((packed) => `${file}/`.startsWith(`${packed}/`))
    const readme = 'src/supervision/README.md'
    const links = [...readFileSync(join(root, readme), 'utf8').matchAll(/\]\((?!https?:|#)([^)#\s]+)[^)]*\)/g)]
    const linked = links.map(([, link = '']) => join(dirname(readme), link))
    expect(linked).toContain('src/supervision/examples/drain.ts')
    expect([readme, ...linked].filter((file) => !isPacked(file))).toEqual([])
  })

  it('name only tests that exist', () => {
    const gone = documents.flatMap((file) =>
      [...readFileSync(join(root, file), 'utf8').matchAll(/test\/[\w/.-]+\.test\.ts/g)]
        .map(([test]) => test)
        .filter((test) => !existsSync(join(root, test)))
        .map((test) => `${file}: ${test}`),
    )
    expect(gone).toEqual([])
  })
})
