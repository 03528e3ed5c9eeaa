import type { ComponentChildren } from 'preact'

interface FigureProps {
  readonly label: string
  readonly children: ComponentChildren
  /** Worth a look: shown as a warning. */
  readonly isWorrying?: boolean
  readonly title?: string
}

/** One number and what it counts. */
export function Figure({ label, children, isWorrying = false, title }: FigureProps) {
  return (
    <div class={isWorrying ? 'figure worrying' : 'figure'} title={title}>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  )
}
