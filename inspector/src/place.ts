export const views = ['line', 'tree', 'machine', 'timeline', 'files', 'charts'] as const

export type ViewName = (typeof views)[number]

/** Where on the page somebody is; it stands in the address, so that it can be kept and sent. */
export interface Place {
  readonly view: ViewName
  /** Of the actor that is looked at, or the number or the path of a file; `''` for none in particular. */
  readonly path: string
}

/** `#/machine/root/cameras/dock-1`; what is no place, or no text at all (`#/files/%`), is the line. */
export function placeOf(hash: string): Place {
  const [, name = '', ...path] = textOf(hash).split('/')
  return { view: views.find((view) => view === name) ?? 'line', path: path.join('/') }
}

function textOf(hash: string): string {
  try {
    return decodeURIComponent(hash)
  } catch {
    return ''
  }
}

export const hashOf = ({ view, path }: Place): string => `#/${view}${path === '' ? '' : `/${path}`}`
