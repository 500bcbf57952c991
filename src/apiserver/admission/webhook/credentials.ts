import { dirname, isAbsolute } from 'node:path'
import type { ConnectionOptions } from '../../../client/http/connection-options.ts'
import { credentialsOf, parseKubeconfig } from '../../../client/http/kubeconfig.ts'
import type { Clock } from '../../../machinery/clock.ts'
import { goQuote } from '../../../machinery/field-error.ts'
import { type ConfigKind, readText } from '../../options/config-file.ts'
import { object, string, type ValueOf } from '../../options/config-shape.ts'

const webhookAdmission = object({ kubeConfigFile: string })
export type WebhookAdmissionConfiguration = ValueOf<typeof webhookAdmission>
export const webhookAdmissionKind: ConfigKind<WebhookAdmissionConfiguration> = {
  apiVersions: ['apiserver.config.k8s.io/v1', 'apiserver.config.k8s.io/v1alpha1'],
  kind: 'WebhookAdmissionConfiguration',
  shape: webhookAdmission,
}

/** As whom this server asks a webhook. `target`: `host:port`, for a service `name.namespace.svc:port`. */
export type WebhookCredentials = (target: string) => ConnectionOptions | undefined

/**
 * The users of a kubeconfig, found by the name of whom they are shown to (apiserver pkg/util/webhook/authentication.go):
 * the target itself, `*.` and its end, both without the usual port, `*`, the current context. Throws an Error that says
 * what is wrong.
 */
export function readWebhookCredentials(
  { kubeConfigFile: path }: WebhookAdmissionConfiguration,
  clock: Clock,
): WebhookCredentials {
  if (path === '') return () => undefined
  if (!isAbsolute(path))
    throw new Error(`kubeConfigFile: Invalid value: ${goQuote(path)}: must be an absolute file path`)
  const config = parseKubeconfig(readText(path))
  const users = new Map(config.users?.map(({ name, user }) => [name, user] as const))
  const current = config.contexts?.find(({ name }) => name === config['current-context'])?.context.user
  const known = new Map<string, ConnectionOptions>()
  const credentials = (name: string): ConnectionOptions => {
    const before = known.get(name)
    if (before !== undefined) return before
    const made = { server: '', ...credentialsOf(name, users.get(name) ?? {}, { folder: dirname(path), clock }) }
    known.set(name, made)
    return made
  }
  // What cannot be read is told when the server starts.
  for (const name of users.keys()) credentials(name)
  return (target) => {
    const name = [...namesFor(target), '*', current ?? ''].find((one) => users.has(one))
    return name === undefined ? undefined : credentials(name)
  }
}

/** `a.b.svc:443` → itself, `*.b.svc:443`, `*.svc:443`, and the same without the port. */
function namesFor(target: string): string[] {
  const wild = (text: string) => {
    const steps = text.split('.')
    return [text, ...steps.slice(1).map((_, index) => `*.${steps.slice(index + 1).join('.')}`)]
  }
  const host = /^\[?(.*?)\]?:443$/.exec(target)?.[1]
  return [...wild(target), ...(host === undefined ? [] : wild(host))]
}
