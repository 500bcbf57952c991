import { readFileSync } from 'node:fs'
import { dirname, isAbsolute, join } from 'node:path'
import { parseYaml } from '../../machinery/codec/yaml/parse-yaml.ts'
import type { Clock } from '../../machinery/clock.ts'
import { isObject } from '../../machinery/json.ts'
import type { ConnectionOptions } from './connection-options.ts'
import { type HttpTransport, httpTransport } from './http-transport.ts'

/** A kubeconfig as clients read it (client-go tools/clientcmd/api/v1/types.go). */
export interface Kubeconfig {
  readonly 'current-context'?: string
  readonly clusters?: readonly Named<'cluster', KubeconfigCluster>[] | null
  readonly contexts?: readonly Named<'context', KubeconfigContext>[] | null
  readonly users?: readonly Named<'user', KubeconfigUser>[] | null
}
type Named<Member extends string, Value> = { readonly name: string } & { readonly [K in Member]: Value }

export interface KubeconfigCluster {
  readonly server?: string
  readonly 'tls-server-name'?: string
  readonly 'insecure-skip-tls-verify'?: boolean
  readonly 'certificate-authority'?: string
  readonly 'certificate-authority-data'?: string
}
export interface KubeconfigContext {
  readonly cluster?: string
  readonly user?: string
  readonly namespace?: string
}
export interface KubeconfigUser {
  readonly 'client-certificate'?: string
  readonly 'client-certificate-data'?: string
  readonly 'client-key'?: string
  readonly 'client-key-data'?: string
  readonly token?: string
  readonly tokenFile?: string
  readonly username?: string
  readonly password?: string
  readonly as?: string
  readonly 'as-uid'?: string
  readonly 'as-groups'?: readonly string[]
  readonly 'as-user-extra'?: Readonly<Record<string, readonly string[]>>
  readonly exec?: unknown
}

export interface KubeconfigConnection extends ConnectionOptions {
  readonly context: string
  /** Where commands without a namespace act. */
  readonly namespace: string
}

/** Throws an Error that names what is wrong with the text. */
export function parseKubeconfig(text: string): Kubeconfig {
  const { value } = parseYaml(text)
  if (value === null) return {}
  if (!isObject(value)) throw new Error('the kubeconfig is no mapping')
  for (const list of ['clusters', 'contexts', 'users']) {
    const entries = value[list] ?? []
    if (!Array.isArray(entries) || !entries.every((entry) => isObject(entry) && typeof entry.name === 'string'))
      throw new Error(`the kubeconfig's ${list} are no list of named entries`)
  }
  return value as Kubeconfig
}

/**
 * How to connect as a context says (default: the current one). `folder`: what relative paths in it start from. `clock`
 * decides when a token file is read again. Throws an Error that says what is missing.
 */
export function connectionOf(
  config: Kubeconfig,
  options: { readonly context?: string; readonly folder?: string; readonly clock: Clock },
): KubeconfigConnection {
  const { folder = '.', clock } = options
  const name = options.context ?? config['current-context'] ?? ''
  if (name === '') throw new Error('the kubeconfig has no current context')
  const context = config.contexts?.find((entry) => entry.name === name)?.context
  if (context === undefined) throw new Error(`context "${name}" does not exist`)
  const cluster = config.clusters?.find((entry) => entry.name === context.cluster)?.cluster
  if (cluster === undefined) throw new Error(`cluster "${context.cluster ?? ''}" does not exist`)
  const user = config.users?.find((entry) => entry.name === context.user)?.user ?? {}
  if (!cluster.server) throw new Error(`cluster "${context.cluster}" names no server`)
  return {
    context: name,
    namespace: context.namespace || 'default',
    server: cluster.server,
    tlsServerName: cluster['tls-server-name'],
    insecureSkipTlsVerify: cluster['insecure-skip-tls-verify'],
    ca: pemOf(cluster['certificate-authority-data'], cluster['certificate-authority'], folder),
    ...credentialsOf(context.user ?? '', user, { folder, clock }),
  }
}

/** What a user shows to the server. `name`: for error texts; `folder`: what relative paths start from. */
export function credentialsOf(
  name: string,
  user: KubeconfigUser,
  { folder, clock }: { readonly folder: string; readonly clock: Clock },
): Omit<ConnectionOptions, 'server'> {
  if (user.exec !== undefined) {
    throw new Error(`user "${name}" gets its credentials from a command (exec), which is not supported`)
  }
  return {
    cert: pemOf(user['client-certificate-data'], user['client-certificate'], folder),
    key: pemOf(user['client-key-data'], user['client-key'], folder),
    token: user.token,
    tokenSource: user.tokenFile ? tokenFromFile(within(folder, user.tokenFile), clock) : undefined,
    username: user.username,
    password: user.password,
    impersonate: user.as
      ? { user: user.as, uid: user['as-uid'], groups: user['as-groups'], extra: user['as-user-extra'] }
      : undefined,
  }
}

const within = (folder: string, path: string) => (isAbsolute(path) ? path : join(folder, path))

function pemOf(data: string | undefined, file: string | undefined, folder: string): string | undefined {
  if (data) return Buffer.from(data, 'base64').toString()
  return file ? readFileSync(within(folder, file), 'utf8') : undefined
}

/** Kubelets replace tokens in place; a minute later at most the new one is used (client-go transport/token_source.go). */
export function tokenFromFile(path: string, clock: Clock): () => string {
  let token: string | undefined
  let readMs = 0
  return () => {
    const now = clock.monotonic()
    if (token === undefined || now - readMs > 60_000) {
      token = readFileSync(path, 'utf8').trim()
      readMs = now
    }
    return token
  }
}

/** The transport of a pod to its own cluster, by its service account. */
export function inClusterConnection(
  env: Readonly<Record<string, string | undefined>>,
  clock: Clock,
): KubeconfigConnection {
  const folder = '/var/run/secrets/kubernetes.io/serviceaccount'
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = env
  if (!host || !port) {
    throw new Error('not in a pod: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set')
  }
  return {
    context: '',
    namespace: readFileSync(join(folder, 'namespace'), 'utf8').trim(),
    server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    ca: readFileSync(join(folder, 'ca.crt'), 'utf8'),
    tokenSource: tokenFromFile(join(folder, 'token'), clock),
  }
}

/** A transport to the cluster of a kubeconfig's text. */
export function kubeconfigTransport(
  text: string,
  options: { readonly userAgent: string; readonly clock: Clock; readonly context?: string; readonly folder?: string },
): HttpTransport {
  return httpTransport({ ...connectionOf(parseKubeconfig(text), options), ...options })
}

/** As {@link kubeconfigTransport}, of a file. */
export function kubeconfigFileTransport(
  path: string,
  options: { readonly userAgent: string; readonly clock: Clock; readonly context?: string },
): HttpTransport {
  return kubeconfigTransport(readFileSync(path, 'utf8'), { ...options, folder: dirname(path) })
}
