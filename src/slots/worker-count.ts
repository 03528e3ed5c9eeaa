import type { Settings } from '../config/config.ts'

/** Inference threads: as many as the configuration says, or one a core. */
export const workerCount = ({ inference }: Settings, cores: number): number =>
  inference.workers === 'auto' ? cores : inference.workers
