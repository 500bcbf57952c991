/** `name`, `name:port` or `scheme:name:port` in a proxy path (apimachinery pkg/util/net SplitSchemeNamePort). */
export interface SchemeNamePort {
  /** Empty: the proxy's default. */
  readonly scheme: '' | 'http' | 'https'
  readonly name: string
  readonly port: string
}

export function parseSchemeNamePort(id: string): SchemeNamePort | undefined {
  const parts = id.split(':')
  const [scheme, name, port] =
    parts.length === 1
      ? ['', parts[0]!, '']
      : parts.length === 2
        ? ['', parts[0]!, parts[1]!]
        : [parts[0]!, parts[1]!, parts[2]!]
  if (parts.length > 3 || name === '' || (scheme !== '' && scheme !== 'http' && scheme !== 'https')) return undefined
  return { scheme, name, port }
}
