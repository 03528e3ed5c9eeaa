import type { Settings } from './config.ts'

/** Inference threads: as many as the configuration says, or one for each core that the process may use. */
export const workerCount = ({ inference }: Settings, cores: number): number =>
  inference.workers === 'auto' ? cores : inference.workers
