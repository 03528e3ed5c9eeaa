import { readdirSync } from 'node:fs'
import { StateMachine, type AnyStateMachine } from 'xstate'

export interface FoundMachine {
  readonly machine: AnyStateMachine
  /** `camera-machine.ts`. */
  readonly file: string
}

export const machinesFolder = new URL('../../src/machines/', import.meta.url)

/** Every `src/machines/*-machine.ts`, by name: a machine that is added is drawn and checked without being listed anywhere. */
export const allMachines: readonly FoundMachine[] = await Promise.all(
  readdirSync(machinesFolder)
    .filter((file) => file.endsWith('-machine.ts'))
    .toSorted()
    .map(async (file) => ({ file, machine: await machineIn(file) })),
)

async function machineIn(file: string): Promise<AnyStateMachine> {
  const exported = (await import(new URL(file, machinesFolder).href)) as Record<string, unknown>
  const name = file.replace('.ts', '').replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())
  const machine = exported[name]
  if (machine instanceof StateMachine) return machine as AnyStateMachine
  throw new Error(
    `src/machines/${file}: expected a machine exported as ${name}, found ${Object.keys(exported).join(', ')}`,
  )
}
