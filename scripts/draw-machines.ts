import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { allMachines, machinesFolder } from './machines/all-machines.ts'
import { describeMachine } from './machines/describe-machine.ts'

const introduction = `# Machines

What happens when. Machines do no I/O and know no clock: they run the actors of \`src/actors\`, which slots provide, and hear facts.

This page is drawn from the machines by \`npm run draw\`; don't edit it. It names ${allMachines.length} of them: MACHINES.

- Every machine hears \`drain\` in every state, and then ends by itself, as soon as its actors have ended.
- It ends with \`{ drained: true }\`, or with what is left.
- Its context has \`why\`: why it is in its state, in words for people.
- An arrow shows what makes a machine move and, in brackets, on which condition. An actor that *fails* and finds no arrow fails its machine, and the supervisor decides.
- \`test/machines/every-machine.test.ts\` holds all of them to this, by every way that they can go.`

/** src/machines/README.md. */
export function drawMachines(): string {
  const links = allMachines.map(({ machine: { id } }) => `[${id}](#${id})`).join(', ')
  return `${[introduction.replace('MACHINES', links), ...allMachines.map(describeMachine)].join('\n\n')}\n`
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(new URL('README.md', machinesFolder), drawMachines())
}
