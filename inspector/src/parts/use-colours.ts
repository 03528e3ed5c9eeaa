import { useEffect, useMemo, useState } from 'preact/hooks'

/** The page's colours as a canvas takes them, in light and dark. */
export function useColours(): (name: string) => string {
  const [isDark, setDark] = useState(() => matchMedia('(prefers-color-scheme: dark)').matches)
  useEffect(() => {
    const query = matchMedia('(prefers-color-scheme: dark)')
    const changed = (): void => setDark(query.matches)
    query.addEventListener('change', changed)
    return () => query.removeEventListener('change', changed)
  }, [])
  return useMemo(() => {
    const known = new Map<string, string>()
    return (name) => {
      const colour = known.get(name) ?? resolved(name)
      known.set(name, colour)
      return colour
    }
  }, [isDark])
}

/** What a custom property comes to: `light-dark()` is resolved only where it is used. */
export function resolved(name: string): string {
  const probe = document.createElement('span')
  probe.style.color = `var(--${name})`
  document.body.append(probe)
  const { color } = getComputedStyle(probe)
  probe.remove()
  return color
}
