export type MediaType = 'application/json' | 'application/yaml' | 'application/vnd.kubernetes.protobuf'

/** In upstream's order, which is the order of preference and of error texts. */
export const allMediaTypes: readonly MediaType[] = [
  'application/json',
  'application/yaml',
  'application/vnd.kubernetes.protobuf',
]
export const withoutProtobuf: readonly MediaType[] = ['application/json', 'application/yaml']

/** `type/subtype` and its parameters, names and type in lower case (RFC 9110 § 8.3.1). Undefined: not a media type. */
export function parseMediaType(
  text: string,
): { readonly type: string; readonly parameters: Readonly<Record<string, string>> } | undefined {
  const [head = '', ...rest] = text.split(';')
  const type = head.trim().toLowerCase()
  if (!/^[^\s/]+\/[^\s/]+$/.test(type) && type !== '*') return undefined
  const parameters: Record<string, string> = {}
  for (const part of rest) {
    const equals = part.indexOf('=')
    if (equals < 0) continue
    const value = part.slice(equals + 1).trim()
    parameters[part.slice(0, equals).trim().toLowerCase()] = value.replace(/^"(.*)"$/, '$1')
  }
  return { type, parameters }
}
