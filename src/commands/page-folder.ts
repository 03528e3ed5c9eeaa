import { fileURLToPath } from 'node:url'

/** The built page, from the sources and from the build alike. */
export const pageFolder = fileURLToPath(new URL('../../inspector/dist', import.meta.url))
