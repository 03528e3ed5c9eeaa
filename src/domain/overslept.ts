import { seconds } from './units.ts'

/** A timer that comes so much later than it was set finds a process that was held up: what it waited for may be there, unheard. */
export const overslept = seconds(1)
