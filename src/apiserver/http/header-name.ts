const known = new Map<string, string>()

/** The name as it is usually written: `Audit-Id` (Go's textproto.CanonicalMIMEHeaderKey). */
export function canonicalHeaderName(name: string): string {
  let canonical = known.get(name)
  if (canonical === undefined) {
    canonical = name.toLowerCase().replace(/(?:^|-)[a-z]/g, (start) => start.toUpperCase())
    // Names come from ourselves and from servers behind us, who may make up any.
    if (known.size < 256) known.set(name, canonical)
  }
  return canonical
}
