import type { CameraId } from './ids.ts'

/** Of a camera that says nothing else, 0 to 9: one more is twice the share of inference at overload, and files of a higher one are delivered first. */
export const defaultPriority = 5

/** Of a camera's files; the default where it is not configured any more and its files are still here. */
export const priorityIn = (
  cameras: readonly { readonly id: CameraId; readonly priority: number }[],
  cameraId: CameraId,
): number => cameras.find(({ id }) => id === cameraId)?.priority ?? defaultPriority
