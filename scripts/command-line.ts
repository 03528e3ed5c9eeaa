import process from 'node:process'
import { parseArgs, type ParseArgsConfig } from 'node:util'
import { exitCodes } from '../src/commands/exit-codes.ts'

type Known = NonNullable<ParseArgsConfig['options']>

/** What a script was called with. What is wrong with it is said in one line and ends the script, as it does a command of Belay. */
export class CommandLine {
  constructor(private readonly script: string) {}

  options<const Options extends Known>(options: Options) {
    if (process.argv.includes('--help')) this.#help(options)
    try {
      return parseArgs({ options }).values
    } catch (error) {
      if (!isComplaint(error)) throw error
      // What follows the first sentence is advice on positional arguments, which no script takes.
      const [found = ''] = error.message.split(/\.\s|\.?$/, 1)
      return this.refuse(`${found}; expected ${Object.entries(options).map(optionWords).join(', ')}`)
    }
  }

  wholeNumber(option: string, text: string, least = 1): number {
    const number = Number(text)
    if (text.trim() !== '' && Number.isSafeInteger(number) && number >= least) return number
    return this.refuse(`--${option} ${text}: expected a whole number, ${least} or more`)
  }

  #help(options: Known): never {
    const known = Object.entries(options).map(([name, option]) => {
      const byDefault = option.type === 'string' && option.default !== undefined ? ` (${String(option.default)})` : ''
      return `  ${optionWords([name, option])}${byDefault}\n`
    })
    process.stdout.write(`usage: npm run --silent ${this.script} -- [OPTION]…\n${known.join('')}`)
    process.exit(exitCodes.ok)
  }

  refuse(words: string): never {
    process.stderr.write(`${this.script}: ${words}\n`)
    process.exit(exitCodes.usage)
  }
}

const optionWords = ([name, { type }]: [name: string, option: Known[string]]): string =>
  type === 'string' ? `--${name} VALUE` : `--${name}`

const isComplaint = (error: unknown): error is Error =>
  error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS_')
