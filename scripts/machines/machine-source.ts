import { readdirSync, readFileSync } from 'node:fs'
import ts from 'typescript'
import { machinesFolder } from './all-machines.ts'

/** What only the source of a machine says. */
export interface MachineSource {
  /** The comment at the top of its file, one paragraph each. */
  readonly header: readonly string[]
  /** By their names in `setup`. */
  readonly actors: Readonly<Record<string, ActorSource>>
}

export interface ActorSource {
  readonly comment: string
  /** The types of the events that it tells its machine. */
  readonly tells: readonly string[]
}

export function readMachineSource(file: string): MachineSource {
  const text = readFileSync(new URL(file, machinesFolder), 'utf8')
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true)
  const header = /^\/\*\*\n(.*?)\n \*\//s.exec(text)?.[1]
  if (header === undefined) throw new Error(`src/machines/${file}: expected a comment at its top that says what it is`)
  const paragraphs = header.replace(/^ \* ?/gm, '').split('\n\n')
  const actors = propertiesOf(findProperty(source, 'actors')).map((actor) => [
    nameOf(actor),
    actorSource(source, actor),
  ])
  return {
    header: paragraphs.map((paragraph) => paragraph.replaceAll('\n', ' ')),
    actors: Object.fromEntries(actors) as MachineSource['actors'],
  }
}

function actorSource(source: ts.SourceFile, actor: ts.PropertyAssignment): ActorSource {
  const comments = ts.getJSDocCommentsAndTags(actor).map(({ comment }) => ts.getTextOfJSDocComment(comment))
  const { initializer } = actor
  const isEvents = ts.isCallExpression(initializer) && initializer.expression.getText() === 'eventsActor'
  const told = isEvents ? initializer.typeArguments?.[0] : undefined
  return {
    comment: comments.join(' ').replaceAll('\n', ' '),
    tells: told === undefined ? [] : eventTypesIn(source, told),
  }
}

/** The values of `type` in an event type, followed through the names that the same file declares. */
function eventTypesIn(source: ts.SourceFile, node: ts.Node): string[] {
  if (ts.isPropertySignature(node)) {
    const isLiteral = node.type && ts.isLiteralTypeNode(node.type) && ts.isStringLiteral(node.type.literal)
    return nameOf(node) === 'type' && isLiteral ? [node.type.literal.text] : []
  }
  if (ts.isTypeReferenceNode(node)) {
    const declared = source.statements.find(
      (statement) =>
        (ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement)) &&
        statement.name.text === node.typeName.getText(),
    )
    return declared === undefined ? [] : eventTypesIn(source, declared)
  }
  const inner: string[] = []
  ts.forEachChild(node, (child) => void inner.push(...eventTypesIn(source, child)))
  return inner
}

function findProperty(node: ts.Node, name: string): ts.Node | undefined {
  if (ts.isPropertyAssignment(node) && nameOf(node) === name) return node.initializer
  return ts.forEachChild(node, (child) => findProperty(child, name))
}

const propertiesOf = (node: ts.Node | undefined): ts.PropertyAssignment[] =>
  node !== undefined && ts.isObjectLiteralExpression(node) ? node.properties.filter(ts.isPropertyAssignment) : []

const nameOf = (node: ts.PropertyAssignment | ts.PropertySignature): string => node.name.getText()

/** The slots that import a machine, by their names: who owns it. */
export function ownersOf(file: string): string[] {
  const slots = new URL('../../src/slots/', import.meta.url)
  return readdirSync(slots)
    .filter((slot) => slot.endsWith('-slot.ts') && readFileSync(new URL(slot, slots), 'utf8').includes(`/${file}'`))
    .map((slot) => slot.replace('-slot.ts', ''))
    .toSorted()
}
