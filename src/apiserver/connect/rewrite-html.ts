/** Attributes that hold URLs, by element (apimachinery pkg/util/proxy/transport.go atomsToAttrs). */
const urlAttributes: Readonly<Record<string, readonly string[]>> = {
  a: ['href'],
  applet: ['codebase'],
  area: ['href'],
  audio: ['src'],
  base: ['href'],
  blockquote: ['cite'],
  body: ['background'],
  button: ['formaction'],
  command: ['icon'],
  del: ['cite'],
  embed: ['src'],
  form: ['action'],
  frame: ['longdesc', 'src'],
  head: ['profile'],
  html: ['manifest'],
  iframe: ['longdesc', 'src'],
  img: ['longdesc', 'src', 'usemap'],
  input: ['src', 'usemap', 'formaction'],
  ins: ['cite'],
  link: ['href'],
  object: ['classid', 'codebase', 'data', 'usemap'],
  q: ['cite'],
  script: ['src'],
  source: ['src'],
  video: ['poster', 'src'],
}

/** How a page behind the proxy is reached from outside. */
export interface RewriteContext {
  /** Path of the proxy: `/api/v1/namespaces/a/services/b/proxy`. */
  readonly prefix: string
  /** Host and port of the backend, and of the API server as the caller named it. */
  readonly backendHost: string
  readonly requestHost: string
}

/** Leads a URL of a backend's page or Location header through the proxy; URLs elsewhere and relative ones stay. */
export function rewriteUrl(text: string, { prefix, backendHost, requestHost }: RewriteContext): string {
  const match = /^(?:[a-z][a-z0-9+.-]*:)?(?:\/\/([^/?#]*))?([^?#]*)(.*)$/i.exec(text)
  if (match === null) return text
  const [, host = '', path = '', rest = ''] = match
  if ((host !== '' && host !== backendHost && host !== requestHost) || !path.startsWith('/') || path.startsWith(prefix))
    return text
  return `${prefix}${path}${rest}`
}

/** Leads the links of an HTML page through the proxy. */
export function rewriteHtml(html: string, context: RewriteContext): string {
  return html.replace(
    /<([a-z][a-z0-9]*)\b((?:[^>"']|"[^"]*"|'[^']*')*)>/gi,
    (tag, element: string, attributes: string) => {
      const names = urlAttributes[element.toLowerCase()]
      if (names === undefined) return tag
      const changed = attributes.replace(
        /([a-z-]+)(\s*=\s*)("([^"]*)"|'([^']*)'|([^\s"'>]+))/gi,
        (whole, name: string, _equals, _quoted, double?: string, single?: string, bare?: string) =>
          names.includes(name.toLowerCase())
            ? `${name}="${rewriteUrl(double ?? single ?? bare ?? '', context)}"`
            : whole,
      )
      return `<${element}${changed}>`
    },
  )
}
