import { serviceAccounts } from '../../../api/core/v1/service-account.ts'
import type { Pod, ServiceAccount } from '../../../api/types.generated.ts'
import { type Clock, sleep } from '../../../machinery/clock.ts'
import { podReferences } from '../../authorization/node/pod-references.ts'
import { isFor, objectOf, refusal } from '../attributes.ts'
import type { AdmissionAttributes, AdmissionPlugin } from '../plugin.ts'
import type { AdmissionServices } from '../services.ts'
import { forbiddenEphemeralSecret, forbiddenSecret, limitsSecrets } from './mountable-secrets.ts'
import { mountToken } from './token-volume.ts'

const mirror = 'kubernetes.io/config.mirror'
/** A new namespace's default account is made by a controller: a pod that comes first waits for it. */
const defaultAccountAttempts = 10

/** Every pod acts as an account of its namespace, and holds its token (plugin/pkg/admission/serviceaccount). */
export function createServiceAccount(
  services: Pick<AdmissionServices, 'lister' | 'clock' | 'random'>,
): AdmissionPlugin {
  const { lister, clock, random } = services

  async function accountOf(attributes: AdmissionAttributes, name: string): Promise<ServiceAccount> {
    const { namespace } = attributes
    const found = lister.get(serviceAccounts, namespace, name) ?? (await waitFor(namespace, name, clock))
    if (found !== undefined) return found
    throw refusal(
      attributes,
      `error looking up service account ${namespace}/${name}: serviceaccount ${JSON.stringify(name)} not found`,
    )
  }
  async function waitFor(namespace: string, name: string, on: Clock): Promise<ServiceAccount | undefined> {
    const attempts = name === 'default' ? defaultAccountAttempts : 1
    const pauseMs = 100 + random.float() * 100
    for (let attempt = 0; attempt < attempts; attempt++) {
      if (attempt > 0) await sleep(on, pauseMs)
      const found = await lister.getLive(serviceAccounts, namespace, name)
      if (found !== undefined) return found
    }
    return undefined
  }

  return {
    name: 'ServiceAccount',
    handles: (operation) => operation === 'CREATE' || operation === 'UPDATE',
    mutate(attributes) {
      if (!isFor(attributes, 'pods') || attributes.operation !== 'CREATE') return
      const pod = objectOf<Pod>(attributes)
      if (pod.metadata.annotations?.[mirror] !== undefined) return checkMirrorPod(attributes)
      if (!pod.spec.serviceAccountName) {
        pod.spec.serviceAccountName = 'default'
        pod.spec.serviceAccount = 'default'
      }
      return accountOf(attributes, pod.spec.serviceAccountName).then((account) => {
        if (pod.spec.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true)
          mountToken(pod, random)
        if ((pod.spec.imagePullSecrets ?? []).length === 0 && (account.imagePullSecrets ?? []).length > 0)
          pod.spec.imagePullSecrets = account.imagePullSecrets!.map(({ name }) => ({ name }))
        checkSecrets(attributes, account)
      })
    },
    validate(attributes) {
      const ephemeral = attributes.operation === 'UPDATE' && isFor(attributes, 'pods', '', 'ephemeralcontainers')
      if (!ephemeral && !(isFor(attributes, 'pods') && attributes.operation === 'CREATE')) return
      const { spec, metadata } = objectOf<Pod>(attributes) as Pod
      if (!ephemeral && metadata.annotations?.[mirror] !== undefined) return checkMirrorPod(attributes)
      if (!spec.serviceAccountName)
        throw refusal(attributes, `no service account specified for pod ${attributes.namespace}/${metadata.name ?? ''}`)
      return accountOf(attributes, spec.serviceAccountName).then((account) => {
        if (!ephemeral) return checkSecrets(attributes, account)
        const problem = limitsSecrets(account)
          ? forbiddenEphemeralSecret(account, objectOf(attributes) as unknown as Pod)
          : undefined
        if (problem !== undefined) throw refusal(attributes, problem)
      })
    },
  }
}

function checkSecrets(attributes: AdmissionAttributes, account: ServiceAccount): void {
  if (!limitsSecrets(account)) return
  const problem = forbiddenSecret(account, objectOf<Pod>(attributes) as Pod)
  if (problem !== undefined) throw refusal(attributes, problem)
}

/** A mirror pod comes from a node: what it referred to, that node could read. */
function checkMirrorPod(attributes: AdmissionAttributes): void {
  const pod = objectOf<Pod>(attributes) as Pod
  if (pod.spec.serviceAccountName) throw refusal(attributes, 'a mirror pod may not reference service accounts')
  const { secrets } = podReferences({ ...pod, metadata: {} })
  if (secrets.length > 0) throw refusal(attributes, 'a mirror pod may not reference secrets')
  for (const { projected } of pod.spec.volumes ?? [])
    if (projected?.sources?.some(({ serviceAccountToken }) => serviceAccountToken !== undefined))
      throw refusal(attributes, 'a mirror pod may not use ServiceAccountToken volume projections')
}
