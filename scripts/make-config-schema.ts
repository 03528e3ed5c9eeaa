import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { configSchema } from '../src/config/schema.ts'

/** The part of JSON Schema that comes out of our schema. */
interface JsonSchema {
  readonly type?: string
  readonly description?: string
  readonly default?: string | number | boolean | object
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly items?: JsonSchema
  readonly additionalProperties?: boolean | JsonSchema
  readonly anyOf?: readonly JsonSchema[]
  readonly oneOf?: readonly JsonSchema[]
  readonly enum?: readonly string[]
  readonly const?: string
  readonly pattern?: string
  readonly minimum?: number
  readonly maximum?: number
}

/** A map in the configuration, and the keys that may stand in it. */
export interface ConfigSection {
  /** `cameras[].source`; empty for the root. */
  readonly path: string
  /** `type: rtsp`, where the value of a key decides which keys may stand beside it. */
  readonly variant: string | undefined
  readonly description: string | undefined
  readonly keys: readonly ConfigKey[]
}

export interface ConfigKey {
  readonly name: string
  readonly required: boolean
  /** As it is written in YAML; `undefined` where there is none, or where the value is a map of keys with defaults. */
  readonly default: string | number | boolean | undefined
  /** What may stand there, in Markdown. */
  readonly values: string
  readonly description: string
}

// Draft 7 is what the YAML plugins of editors know best.
const jsonSchema = (): JsonSchema => z.toJSONSchema(configSchema, { io: 'input', target: 'draft-7' }) as JsonSchema

/** config/belay.schema.json, for editors. */
export function makeConfigSchema(): string {
  const { $schema, ...rest } = jsonSchema() as JsonSchema & { $schema: string }
  const head = { $schema, title: 'Belay', description: 'The configuration of the Belay daemon.' }
  return `${JSON.stringify({ ...head, ...rest }, null, 2)}\n`
}

/** Every map of the configuration, outer before inner. */
export const configSections = (): ConfigSection[] => sectionsOf(jsonSchema(), '')

function sectionsOf(schema: JsonSchema, path: string, variant?: string): ConfigSection[] {
  const { properties, items, additionalProperties, anyOf, oneOf } = schema
  if (items !== undefined) return sectionsOf(items, `${path}[]`)
  if (typeof additionalProperties === 'object') return sectionsOf(additionalProperties, `${path}.NAME`)
  const alternatives = oneOf ?? anyOf?.filter((alternative) => alternative.properties !== undefined)
  if (alternatives !== undefined) {
    return alternatives.flatMap((alternative) => sectionsOf(alternative, path, oneOf && discriminator(alternative)))
  }
  if (properties === undefined) return []
  const kind = Object.values(properties).find((property) => property.const !== undefined)
  const keys = Object.entries(properties).map(([name, property]) => ({
    name,
    required: schema.required?.includes(name) ?? false,
    default: typeof property.default === 'object' ? undefined : property.default,
    values: valuesOf(property),
    description: property.description ?? '',
  }))
  const inner = Object.entries(properties).flatMap(([name, property]) =>
    sectionsOf(property, path === '' ? name : `${path}.${name}`),
  )
  return [{ path, variant, description: kind?.description ?? schema.description, keys }, ...inner]
}

function discriminator({ properties = {} }: JsonSchema): string | undefined {
  const [name, property] = Object.entries(properties).find(([, { const: constant }]) => constant !== undefined) ?? []
  return name === undefined ? undefined : `${name}: ${property?.const}`
}

const patternWords: readonly (readonly [part: string, words: string])[] = [
  ['ms|s|m|h', 'duration'],
  ['KiB', 'size in bytes'],
  ['x\\d', 'size in pixels'],
  ['SHA256', 'fingerprint'],
  ['scrypt', 'hash of a token'],
]

function valuesOf(schema: JsonSchema): string {
  const alternatives = schema.anyOf ?? schema.oneOf
  if (alternatives !== undefined) return [...new Set(alternatives.map(valuesOf))].join(', ')
  if (schema.const !== undefined) return `\`${schema.const}\``
  if (schema.enum !== undefined) return schema.enum.map((word) => `\`${word}\``).join(', ')
  if (schema.items !== undefined)
    return schema.items.properties === undefined ? `list of ${valuesOf(schema.items)}` : 'list'
  if (schema.type === 'object') return 'map'
  if (schema.type === 'boolean') return '`true`, `false`'
  if (schema.minimum !== undefined) return `${schema.type} ${schema.minimum} to ${schema.maximum}`
  return patternWords.find(([part]) => schema.pattern?.includes(part))?.[1] ?? 'text'
}

/** docs/configuration.md. */
export function makeConfigReference(): string {
  const sections = configSections().map(({ path, variant, description, keys }) => {
    const title =
      path === '' ? 'The file' : [`\`${path}\``, ...(variant === undefined ? [] : [`with \`${variant}\``])].join(' ')
    const rows = keys.map(({ name, required, default: value, values, description: meaning }) => {
      const fallback = required ? '**required**' : value === undefined ? '' : `\`${value}\``
      return `| \`${name}\` | ${values} | ${fallback} | ${meaning} |`
    })
    const lines = [`## ${title}`, '', ...(description === undefined ? [] : [description, ''])]
    return [...lines, '| key | value | default | meaning |', '|---|---|---|---|', ...rows].join('\n')
  })
  return `${[introduction, ...sections].join('\n\n')}\n`
}

const introduction = `# Configuration

Belay reads one YAML file: \`belay run CONFIG.yaml\`. [config/example.yaml](../config/example.yaml) shows every key with its default;
\`config/belay.schema.json\` gives completion and checks in editors. This page is made from the same source by
\`node --import tsx scripts/make-config-schema.ts\`.

- **Durations** are texts with a unit: \`500ms\`, \`5s\`, \`2m\`, \`1h\`, at most \`24h\`. **Sizes in bytes** too: \`64KiB\` (65,536), \`10MB\` (10,000,000).
- **Relative paths** begin at the folder of the configuration file.
- **Secrets** never stand in the file. A key that ends in \`File\` names a file that holds one (a line break at its end is not part of it), a key that ends in
  \`Env\` an environment variable; give one of the two. They are read at the start and show nowhere: not in logs, on the page or in \`belay check\`.
- **YAML references** (\`&name\`, \`*name\`, \`<<: *name\`) work, so that cameras can share what they have in common.
- **Mistakes** are all reported at once, as \`FILE:LINE:COLUMN PATH: expected …, found …\`; nothing is started, and the exit code is 78. An unknown key is a mistake.

What must fit together: a camera has one or more of \`detect\`, \`classify\` and \`read\`, and names models of that kind; camera ids are unique; a \`username\` of a camera goes with a password;
\`sftp\` has a password, a private key or both, and a \`hostKey\`; \`http.host\` other than loopback goes with a token's hash.`

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(new URL('../config/belay.schema.json', import.meta.url), makeConfigSchema())
  writeFileSync(new URL('../docs/configuration.md', import.meta.url), makeConfigReference())
}
