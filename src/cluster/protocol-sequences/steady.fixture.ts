/** Headers whose value is another one each time; that they are there is compared. */
const changing = new Set([
  'audit-id',
  'date',
  'etag',
  'last-modified',
  'process-start-time-unix',
  'x-kubernetes-pf-flowschema-uid',
  'x-kubernetes-pf-prioritylevel-uid',
])

/** How a body is cut into pieces is the server's own affair. */
const framing = new Set(['content-length', 'transfer-encoding'])

/** In the order of their names, for HTTP/2 has none. */
export function steadyHeaders(headers: readonly string[], isUpgrade: boolean): string[] {
  const steady = headers.flatMap((header) => {
    const name = header.slice(0, header.indexOf(':'))
    if (framing.has(name.toLowerCase())) return []
    // Whether a connection outlives an upgrade that was refused.
    if (isUpgrade && name.toLowerCase() === 'connection') return []
    // The documents differ in their texts.
    if (name.toLowerCase() === 'content-range') return header.replace(/\d+$/, 'N')
    if (name.toLowerCase() === 'location') return header.replace(/hash=[0-9A-F]+/, 'hash=TAG')
    return changing.has(name.toLowerCase()) ? name : header
  })
  return steady.sort()
}

/** Without what differs from run to run. */
export function steadyBody(text: string, namespace: string): string {
  return (
    text
      // Bookmarks come when it suits the server, but for the one after the initial events.
      .replaceAll(/^\{"type":"BOOKMARK"(?!.*initial-events-end).*\n/gm, '')
      .replaceAll(namespace, 'NAMESPACE')
      .replaceAll(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'UID')
      .replaceAll(/20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, 'TIME')
      .replaceAll(/(resourceVersion\\*": ?\\*")[1-9]\d*/g, '$1N')
      .replaceAll(/(resourceVersion: ")[1-9]\d*/g, '$1N')
      .replaceAll(/(continue: )[\w-]{20,}/g, '$1TOKEN')
      .replaceAll(/("continue": ?")[\w-]+/g, '$1TOKEN')
      // Texts of upstream's are not copied.
      .replaceAll(/("description":")(?:[^"\\]|\\.)*"/g, '$1"')
      .replaceAll(/(too old resource version: \d+ )\(\d+\)/g, '$1(N)')
      .replaceAll(/("cells":\[[^\]]*)"\d+s"\]/g, '$1"AGE"]')
      .replaceAll(/(current: )\d+/g, '$1N')
  )
}
