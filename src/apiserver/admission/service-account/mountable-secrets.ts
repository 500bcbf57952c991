import type { Container, EphemeralContainer, Pod, ServiceAccount } from '../../../api/types.generated.ts'

/** Whether the pods of an account may use only the secrets that the account lists. */
export function limitsSecrets({ metadata }: ServiceAccount): boolean {
  const value = metadata.annotations?.['kubernetes.io/enforce-mountable-secrets']
  return value !== undefined && ['1', 't', 'T', 'TRUE', 'true', 'True'].includes(value)
}

/** What of a pod's references the account does not list, or undefined. */
export function forbiddenSecret(account: ServiceAccount, { spec }: Pod): string | undefined {
  const allowed = new Set((account.secrets ?? []).map(({ name }) => name))
  const why = `is not allowed because service account ${account.metadata.name} does not reference that`
  for (const { secret } of spec.volumes ?? [])
    if (secret !== undefined && !allowed.has(secret.secretName))
      return `volume with secret.secretName="${secret.secretName ?? ''}" ${why} secret`
  const problem =
    firstProblem('init container', spec.initContainers, allowed, why) ??
    firstProblem('container', spec.containers, allowed, why)
  if (problem !== undefined) return problem
  const pullable = new Set((account.imagePullSecrets ?? []).map(({ name }) => name))
  for (const [index, { name }] of (spec.imagePullSecrets ?? []).entries())
    if (!pullable.has(name)) return `imagePullSecrets[${index}].name="${name ?? ''}" ${why} imagePullSecret`
  return undefined
}

export function forbiddenEphemeralSecret(account: ServiceAccount, { spec }: Pod): string | undefined {
  const allowed = new Set((account.secrets ?? []).map(({ name }) => name))
  const why = `is not allowed because service account ${account.metadata.name} does not reference that`
  return firstProblem('ephemeral container', spec.ephemeralContainers, allowed, why)
}

function firstProblem(
  noun: string,
  containers: readonly (Container | EphemeralContainer)[] | undefined,
  allowed: ReadonlySet<string | undefined>,
  why: string,
): string | undefined {
  for (const { name, env, envFrom } of containers ?? []) {
    for (const { name: variable, valueFrom } of env ?? []) {
      const secret = valueFrom?.secretKeyRef?.name
      if (valueFrom?.secretKeyRef !== undefined && !allowed.has(secret))
        return `${noun} ${name} with envVar ${variable} referencing secret.secretName="${secret ?? ''}" ${why} secret`
    }
    for (const { secretRef } of envFrom ?? [])
      if (secretRef !== undefined && !allowed.has(secretRef.name))
        return `${noun} ${name} with envFrom referencing secret.secretName="${secretRef.name ?? ''}" ${why} secret`
  }
  return undefined
}
