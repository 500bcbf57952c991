/** A request whose body is wrong in one way. Nothing comes of it: all are dry runs. */
export interface MalformedBody {
  readonly name: string
  readonly method: 'POST' | 'PUT' | 'PATCH'
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

export interface Target {
  readonly method: MalformedBody['method']
  /** With its query. */
  readonly path: string
  readonly contentType: string
}

type Body = string | Uint8Array
/** The body, and what differs from the content type's usual target. */
export type Described =
  | Body
  | readonly [Body, Partial<Target> & { readonly headers?: Readonly<Record<string, string>> }]

export function malformedBodies(
  type: string,
  target: Target,
  cases: Readonly<Record<string, Described>>,
): MalformedBody[] {
  return Object.entries(cases).map(([name, described]) => {
    const [body, more] = typeof described === 'string' || described instanceof Uint8Array ? [described, {}] : described
    const { method, path, contentType } = { ...target, ...more }
    return {
      name: `${type}: ${name}`,
      method,
      path: `${path}${path.includes('?') ? '&' : '?'}dryRun=All`,
      headers: { 'content-type': contentType, ...more.headers },
      body: Buffer.from(body as Uint8Array),
    }
  })
}

export const configMaps = '/api/v1/namespaces/default/configmaps'
export const deployments = '/apis/apps/v1/namespaces/default/deployments'
export const strict = 'fieldValidation=Strict'
/** In namespace `default`, there before anything is asked. */
export const victims: readonly { readonly path: string; readonly object: object }[] = [
  {
    path: configMaps,
    object: { kind: 'ConfigMap', apiVersion: 'v1', metadata: { name: 'victim' }, data: { a: 'b' } },
  },
  {
    path: deployments,
    object: {
      kind: 'Deployment',
      apiVersion: 'apps/v1',
      metadata: { name: 'victim' },
      spec: {
        selector: { matchLabels: { app: 'victim' } },
        template: {
          metadata: { labels: { app: 'victim' } },
          spec: { containers: [{ name: 'main', image: 'busybox', ports: [{ containerPort: 80 }] }] },
        },
      },
    },
  },
]

export const nested = (depth: number, open: string, close: string, core = ''): string =>
  open.repeat(depth) + core + close.repeat(depth)
export const bytes = (...parts: readonly (string | readonly number[])[]): Uint8Array =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.from(part))))
