import type { FastifyInstance, FastifyReply } from 'fastify'
import { ageOf } from '../../domain/age.ts'
import { OperatingError } from '../../domain/errors.ts'
import { fileStates } from '../../domain/file-state.ts'
import { isCameraId } from '../../domain/ids.ts'
import { mostFiles } from '../../domain/most-files.ts'
import type { FileBook, FileQuestion } from '../../inspection-feed/file-protocol.ts'
import { refuse } from './guards.ts'

const defaultLimit = 100
/** Characters; our own paths have fewer. */
const longestPath = 500

/** `GET /api/files?state=pending,conflict&camera=dock-1&olderThan=36h&limit=100&order=newest`; `GET /api/files/17`, or by its path. */
export function addFileRoutes(app: FastifyInstance, files: FileBook): void {
  app.get('/api/files', async (request, reply) => {
    const question = questionOf(request.query as Query)
    if (typeof question === 'string') return refuse(reply, 400, question)
    return answer(reply, () => files.list(question))
  })
  app.get('/api/files/*', async (request, reply) => {
    const { '*': name } = request.params as { readonly '*': string }
    const which = fileNamed(name)
    if (which === undefined)
      return refuse(reply, 404, 'A file is named by its number or its path; /api/files lists them.')
    return answer(reply, async () => (await files.history(which)) ?? refuse(reply, 404, `There is no file ${name}.`))
  })
}

/** `17` or `dock-1/model/a.csv`. It is only looked for in the manifest, and leads to no file. */
function fileNamed(name: string): number | string | undefined {
  if (/^[1-9]\d{0,14}$/.test(name)) return Number(name)
  return name.length <= longestPath && /^\w[^/]*(\/\w[^/]*)+$/.test(name) ? name : undefined
}

/** A manifest that cannot be read now is no bug: it says why, and may be asked again. */
async function answer(reply: FastifyReply, work: () => Promise<unknown>): Promise<unknown> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof OperatingError)) throw error
    return refuse(reply.header('retry-after', 2), 503, error.message)
  }
}

type Query = Readonly<Record<string, string | readonly string[] | undefined>>

const readers = {
  state(text: string) {
    const words = text.split(',')
    const states = fileStates.filter((state) => words.includes(state))
    return states.length === words.length ? { states } : `some of ${fileStates.join(', ')}, with commas between`
  },
  camera: (text: string) => (isCameraId(text) ? { camera: text } : 'the id of a camera, such as dock-1'),
  olderThan(text: string) {
    const olderThan = ageOf(text)
    return olderThan === undefined ? 'a duration such as 90m, 36h or 7d' : { olderThan }
  },
  limit(text: string) {
    const limit = /^\d{1,3}$/.test(text) ? Number(text) : 0
    return limit >= 1 && limit <= mostFiles ? { limit } : `a number from 1 to ${mostFiles}`
  },
  order: (text: string) =>
    text === 'newest' || text === 'oldest' ? { newestFirst: text === 'newest' } : 'newest or oldest',
} satisfies Record<string, (text: string) => Partial<FileQuestion> | string>

/** What is asked for, or what is wrong with the question. */
function questionOf(query: Query): FileQuestion | string {
  let question: FileQuestion = { limit: defaultLimit }
  for (const [key, text] of Object.entries(query)) {
    if (!Object.hasOwn(readers, key))
      return `"${key}" cannot be asked for: expected ${Object.keys(readers).join(', ')}.`
    const found = typeof text === 'string' ? readers[key as keyof typeof readers](text) : 'one value'
    if (typeof found === 'string') return `${key}: expected ${found}, found ${JSON.stringify(text).slice(0, 100)}.`
    question = { ...question, ...found }
  }
  return question
}
