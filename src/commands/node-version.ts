/** As package.json has it in `engines`. */
const needed = { major: 20, minor: 19 }

/** What there is to say where this Node is too old for what we import. This file is read by such a Node, and imports nothing. */
export function nodeTooOld(found: string): string | undefined {
  const [major = 0, minor = 0] = found.split('.').map(Number)
  if (major > needed.major || (major === needed.major && minor >= needed.minor)) return undefined
  return `Belay needs Node ${needed.major}.${needed.minor} or later, found ${found}: README.md, “Install”, says where to have it from`
}
