import { escapedPath, GoUrlError, hostnameOf, parseGoUrl, parseRequestUri, portOf, queryOf } from '../../go-url.ts'
import { ArrayList, LiteralMap } from '../collections.ts'
import type { Library } from '../environment.ts'
import { memberOverload, overload } from '../function.ts'
import { boolType, listOf, mapOf, stringType } from '../type.ts'
import { CelError, type Value } from '../value.ts'
import { UrlValue, urlType } from './kubernetes-values.ts'

function url(text: string): Value {
  try {
    parseRequestUri(text)
    return new UrlValue(parseGoUrl(text))
  } catch (error) {
    if (!(error instanceof GoUrlError)) throw error
    return new CelError(`URL parse error during conversion from string: ${error.message}`)
  }
}
function isUrl(text: string): Value {
  try {
    parseRequestUri(text)
    return true
  } catch (error) {
    if (error instanceof GoUrlError) return false
    throw error
  }
}
const part = (name: string, id: string, of: (value: UrlValue) => string) => ({
  name,
  overloads: [memberOverload(id, [urlType], stringType, of)],
})

/** apiserver pkg/cel/library/urls.go. */
export const urlLibrary: Library = {
  functions: [
    { name: 'url', overloads: [overload('string_to_url', [stringType], urlType, url)] },
    part('getScheme', 'url_get_scheme', (value) => value.url.scheme),
    part('getHost', 'url_get_host', (value) => value.url.host),
    part('getHostname', 'url_get_hostname', (value) => hostnameOf(value.url)),
    part('getPort', 'url_get_port', (value) => portOf(value.url)),
    part('getEscapedPath', 'url_get_escaped_path', (value) => escapedPath(value.url)),
    {
      name: 'getQuery',
      overloads: [
        memberOverload(
          'url_get_query',
          [urlType],
          mapOf(stringType, listOf(stringType)),
          (value: UrlValue) =>
            new LiteralMap([...queryOf(value.url)].map(([name, values]) => [name, new ArrayList(values)] as const)),
        ),
      ],
    },
    { name: 'isURL', overloads: [overload('is_url_string', [stringType], boolType, isUrl)] },
  ],
}
