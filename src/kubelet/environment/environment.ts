import type { ConfigMap, Container, EnvVar, Secret, Service } from '../../api/types.generated.ts'
import { isReason } from '../../machinery/errors.ts'
import { type DownwardFacts, fieldValue, resourceValue } from './downward-fields.ts'
import { expand } from './expansion.ts'
import { serviceEnvironment } from './service-environment.ts'

/** Objects that pods refer to; they throw NotFound. */
export interface ReferencedObjects {
  configMap(namespace: string, name: string): Promise<ConfigMap>
  secret(namespace: string, name: string): Promise<Secret>
}

export interface EnvironmentInput {
  readonly facts: DownwardFacts
  readonly container: Container
  readonly services: readonly Service[]
  readonly objects: ReferencedObjects
  /** The value of a key in a file of a volume (KEP-3721); undefined: it has none. */
  readonly fileValue: (volumeName: string, path: string, key: string) => Promise<string | undefined>
}

/** A container's variables (upstream: kubelet_pods.go, makeEnvironmentVariables). Later ones win; order is that of declaration. */
export async function containerEnvironment(input: EnvironmentInput): Promise<ReadonlyMap<string, string>> {
  const { facts, container, services, objects } = input
  const namespace = facts.pod.metadata.namespace ?? ''
  const fromServices = serviceEnvironment(services, namespace, facts.pod.spec.enableServiceLinks ?? true)
  const result = new Map<string, string>()

  for (const { prefix = '', configMapRef, secretRef } of container.envFrom ?? []) {
    const optional = configMapRef?.optional ?? secretRef?.optional ?? false
    const data = await ifThere(optional, async () =>
      configMapRef !== undefined
        ? ((await objects.configMap(namespace, configMapRef.name ?? '')).data ?? {})
        : decoded(await objects.secret(namespace, secretRef?.name ?? '')),
    )
    for (const [key, value] of Object.entries(data ?? {})) result.set(prefix + key, value)
  }
  for (const variable of container.env ?? []) {
    const value = variable.value
      ? expand(variable.value, (name) => result.get(name) ?? fromServices.get(name))
      : await sourceValue(input, variable, namespace)
    if (value !== undefined) result.set(variable.name, value)
  }
  for (const [name, value] of fromServices) if (!result.has(name)) result.set(name, value)
  return result
}

async function sourceValue(
  input: EnvironmentInput,
  { valueFrom }: EnvVar,
  namespace: string,
): Promise<string | undefined> {
  if (valueFrom?.fieldRef !== undefined) return fieldValue(input.facts, valueFrom.fieldRef.fieldPath)
  if (valueFrom?.resourceFieldRef !== undefined) {
    return resourceValue(input.facts, valueFrom.resourceFieldRef, input.container)
  }
  if (valueFrom?.configMapKeyRef !== undefined) {
    const { name = '', key, optional = false } = valueFrom.configMapKeyRef
    const data = await ifThere(optional, async () => (await input.objects.configMap(namespace, name)).data ?? {})
    return keyOf(data, key, optional, `ConfigMap ${namespace}/${name}`)
  }
  if (valueFrom?.secretKeyRef !== undefined) {
    const { name = '', key, optional = false } = valueFrom.secretKeyRef
    const data = await ifThere(optional, async () => decoded(await input.objects.secret(namespace, name)))
    return keyOf(data, key, optional, `Secret ${namespace}/${name}`)
  }
  if (valueFrom?.fileKeyRef !== undefined) {
    const { volumeName, path, key, optional = false } = valueFrom.fileKeyRef
    const value = await input.fileValue(volumeName, path, key)
    if (value) return value
    if (optional) return undefined
    throw new Error(`environment variable key ${JSON.stringify(key)} not found in file ${JSON.stringify(path)}`)
  }
  return ''
}

function keyOf(data: Readonly<Record<string, string>> | undefined, key: string, optional: boolean, of: string) {
  const value = data?.[key]
  if (value === undefined && !optional) throw new Error(`couldn't find key ${key} in ${of}`)
  return value
}

async function ifThere<T>(optional: boolean, get: () => Promise<T>): Promise<T | undefined> {
  try {
    return await get()
  } catch (error) {
    if (optional && isReason(error, 'NotFound')) return undefined
    throw error
  }
}

function decoded(secret: Secret): Record<string, string> {
  return Object.fromEntries(
    Object.entries(secret.data ?? {}).map(([key, value]) => [key, Buffer.from(value, 'base64').toString('utf8')]),
  )
}
