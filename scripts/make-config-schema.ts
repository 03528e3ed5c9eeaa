import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { configSchema } from '../src/config/schema.ts'

type Default = string | number | boolean | readonly string[]

/** The part of JSON Schema that comes out of our schema. */
interface JsonSchema {
  readonly type?: string
  readonly description?: string
  readonly default?: Default | object
  readonly propertyNames?: JsonSchema
  readonly minItems?: number
  readonly maxItems?: number
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
  /** Of a text, and of this page alone: what is expected, in the words of the mistake. */
  readonly words?: string
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
  readonly default: Default | undefined
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
export function configSections(): ConfigSection[] {
  const options = { io: 'input', target: 'draft-7', override: putWords } as const
  return sectionsOf(z.toJSONSchema(configSchema, options) as JsonSchema, '')
}

/** A NUL is right in no text: what is said of it is all that is expected of one. */
function putWords({ zodSchema, jsonSchema }: Parameters<NonNullable<z.core.ToJSONSchemaParams['override']>>[0]): void {
  if (jsonSchema.pattern !== undefined) jsonSchema['words'] = z.safeParse(zodSchema, '\0').error?.issues[0]?.message
}

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
    default: defaultOf(property),
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

/** The default of a map is the defaults of its keys. */
const defaultOf = ({ default: value }: JsonSchema): Default | undefined =>
  typeof value !== 'object' || isList(value) ? value : undefined

const isList = (value: unknown): value is readonly string[] => Array.isArray(value)

function valuesOf(schema: JsonSchema): string {
  const alternatives = schema.anyOf ?? schema.oneOf
  if (alternatives !== undefined) {
    const values = new Set(alternatives.map(valuesOf))
    const isOfThem = ({ items }: JsonSchema) => items !== undefined && values.has(valuesOf(items))
    return [...new Set(alternatives.map((each) => (isOfThem(each) ? 'or a list of such' : valuesOf(each))))].join(', ')
  }
  if (schema.const !== undefined) return `\`${schema.const}\``
  if (schema.enum !== undefined) return schema.enum.map((word) => `\`${word}\``).join(', ')
  if (schema.items !== undefined) {
    const length = schema.maxItems === undefined ? (schema.minItems ?? '') : `${schema.minItems} to ${schema.maxItems}`
    const kind = schema.items.properties === undefined ? `list of ${valuesOf(schema.items)}` : 'list of maps'
    return length === '' ? kind : `${kind}, ${length}${schema.maxItems === undefined ? ' or more' : ''}`
  }
  if (schema.type === 'object')
    return schema.propertyNames === undefined ? 'map' : `map; each key ${schema.propertyNames.words}`
  if (schema.type === 'boolean') return '`true`, `false`'
  if (schema.minimum !== undefined) return `${schema.type} ${schema.minimum} to ${schema.maximum}`
  return shortened(schema.words ?? 'text')
}

/** Without the article, the alternatives that stand beside it in any case, and examples that the top of the page gives. */
const shortened = (words: string): string =>
  words
    .replace(/^([\w-]+, or )?(an? |the )/, '')
    .replace(/, such as \S+, \S+ or \S+$|, or a list of such$/, '')
    .replace(/, such as \S+, \S+, \S+ or \S+$/, '')
    .replace(/ such as (\S+?)(?=,|$)/, ' such as `$1`')
    .replace(' (in quotes if it looks like a number)', '')

/** docs/configuration.md. */
export function makeConfigReference(): string {
  const sections = configSections().map(({ path, variant, description, keys }) => {
    const title =
      path === '' ? 'The file' : [`\`${path}\``, ...(variant === undefined ? [] : [`with \`${variant}\``])].join(' ')
    const rows = keys.map(({ name, required, default: value, values, description: meaning }) => {
      const fallback = required
        ? '**required**'
        : value === undefined
          ? ''
          : `\`${isList(value) ? `[${value.join(', ')}]` : value}\``
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

- **Durations** are texts with a unit: \`500ms\`, \`1.5s\`, \`2m\`, \`1h\`; the long ones of \`sftp.keepFor\` are in \`s\`, \`m\`, \`h\` or \`d\`. **Sizes** in bytes too: \`B\`, \`kB\`, \`MB\` and
  \`GB\` are thousands of one another, \`KiB\`, \`MiB\` and \`GiB\` 1,024: \`10MB\` is 10,000,000, \`64KiB\` is 65,536. Up to three digits may follow a point.
- **Texts** have no line breaks. One that looks like a number is put in quotes.
- **Relative paths** begin at the folder of the configuration file.
- **Secrets** never stand in the file. A key that ends in \`File\` names a file that holds one (a line break at its end is not part of it), a key that ends in
  \`Env\` an environment variable; give one of the two. They are read at the start, those of cameras at a reload too, and show nowhere: not in logs, on the page or in \`belay check\`. They are in UTF-8, as this file is.
- **A reload** (\`SIGHUP\`, \`systemctl reload belay\`) applies what differs in \`cameras\`, the secrets that they name included; a camera's new model has to be one that is loaded. All other keys, and
  the secrets of \`sftp\`, take effect at the next start; the log, the page and \`belay status\` name those that wait for it. An environment variable never changes while Belay runs: a password that is to change at a reload stands in a file.
- **YAML references** (\`&name\`, \`*name\`, \`<<: *name\`) work, so that cameras can share what they have in common.
- **Mistakes** are all reported at once, as \`FILE:LINE:COLUMN PATH: expected …, found …\`; nothing is started, and the exit code is 78. An unknown key is a mistake.
- **The file** has at most 1,000,000 characters, 20,000 values and 32 levels.

What must fit together: a camera has one or more of \`detect\`, \`classify\` and \`read\`, and names models of that kind; camera ids are unique; a camera's \`username\` and password go together, and
\`{username}\` or \`{password}\` in its \`url\` goes with both; \`sftp\` has a password, a private key, an agent or several of them, and a passphrase only with a private key; \`sftp.hostKey\` has either
\`fingerprint\` or \`knownHosts\`; \`http.host\` other than loopback goes with a token's hash, and \`http.inspectCommands\` with \`operateTokenHash\`.`

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(new URL('../config/belay.schema.json', import.meta.url), makeConfigSchema())
  writeFileSync(new URL('../docs/configuration.md', import.meta.url), makeConfigReference())
}
