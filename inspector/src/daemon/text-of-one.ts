import { messageOf } from '../../../src/domain/message-of.ts'

/** As much of a file as is read. */
export type ReadableFile = Pick<File, 'name' | 'text'>

/**
 * The one file that somebody has chosen or dropped.
 *
 * @throws {Error} with words on why there is none to be shown.
 */
export async function textOfOne(
  files: readonly ReadableFile[],
): Promise<{ readonly name: string; readonly text: string }> {
  const [file, ...others] = files
  if (file === undefined) throw new Error('No file was given.')
  const { name } = file
  if (others.length > 0)
    throw new Error(`One recording is shown at a time, and ${files.length} files were given: open one of them.`)
  try {
    return { name, text: await file.text() }
  } catch (error) {
    throw new Error(`${name} cannot be read: ${messageOf(error)}`, {
      cause: error,
    })
  }
}
