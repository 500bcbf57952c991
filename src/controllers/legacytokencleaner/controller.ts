import { configMaps } from '../../api/core/v1/config-map.ts'
import { pods } from '../../api/core/v1/pod.ts'
import { secrets } from '../../api/core/v1/secret.ts'
import { serviceAccounts } from '../../api/core/v1/service-account.ts'
import type { Pod, Secret } from '../../api/types.generated.ts'
import { isReason } from '../../machinery/errors.ts'
import { defineSync } from '../runtime/define-sync.ts'
import { accountOf, tokenType } from '../serviceaccounttokens/reconcile.ts'
import { dateOf, invalidSinceLabel, isDate, verdict } from './verdict.ts'

const dayMs = 24 * 3600 * 1000
/** --legacy-service-account-token-clean-up-period */
const unusedMs = 365 * dayMs
const tracking = { namespace: 'kube-system', name: 'kube-apiserver-legacy-service-account-token-tracking' }

/**
 * Marks Secrets with tokens that were made for accounts by themselves, as clusters did before v1.24, when nobody has used
 * them for a year, and deletes them after another (pkg/controller/serviceaccount/legacy_serviceaccount_token_cleaner.go).
 */
export const legacyTokenCleaner = defineSync({
  name: 'legacy-service-account-token-cleaner',
  setup({ client, informers, clock, log }) {
    const accounts = informers.for(serviceAccounts)
    const tokens = informers.for(secrets, { fieldSelector: `type=${tokenType}` })
    const allPods = informers.for(pods)
    /** It cannot be told from one that people made unless its account names it. */
    const isMadeByItself = (secret: Secret): boolean => {
      const { name, uid } = accountOf(secret)
      const account = accounts.get(`${secret.metadata.namespace}/${name}`)
      if (account === undefined || (uid !== '' && uid !== account.metadata.uid)) return false
      return account.secrets?.some((one) => one.name === secret.metadata.name) === true
    }
    const isMounted = ({ metadata }: Secret): boolean =>
      allPods.byIndex('namespace', metadata.namespace ?? '').some((pod) => secretNames(pod).has(metadata.name ?? ''))
    const clean = async (secret: Secret, today: string, lastKept: string) => {
      const { namespace = '', name = '', uid, resourceVersion } = secret.metadata
      if (!isMadeByItself(secret) || isMounted(secret)) return
      switch (verdict(secret, lastKept)) {
        case 'mark': {
          const patch = { metadata: { uid, labels: { [invalidSinceLabel]: today } } }
          await client.patch(secrets, { namespace, name }, 'merge', patch)
          log.info('marked an unused token as invalid', { secret: `${namespace}/${name}` })
          return
        }
        case 'delete':
          await client.delete(secrets, { namespace, name }, { preconditions: { resourceVersion } })
          log.info('deleted an unused token', { secret: `${namespace}/${name}` })
          return
        case 'keep':
      }
    }
    return {
      ready: (signal) => Promise.all([accounts, tokens, allPods].map((informer) => informer.whenSynced(signal))),
      watch(queue) {
        queue.add('tokens')
        return () => {}
      },
      async sync() {
        const now = clock.now()
        const since = (await client.get(configMaps, tracking)).data?.['since'] ?? ''
        // The day after it began is the first that is known as a whole.
        if (!isDate(since) || now < Date.parse(since) + dayMs + unusedMs) return { requeueAfterMs: dayMs }
        const lastKept = dateOf(now - unusedMs)
        for (const secret of tokens.list()) {
          if (Date.parse(secret.metadata.creationTimestamp ?? '') >= now - unusedMs) continue
          await clean(secret, dateOf(now), lastKept).catch((error: unknown) => {
            if (!isReason(error, 'NotFound', 'Conflict')) throw error
          })
        }
        return { requeueAfterMs: dayMs }
      },
    }
  },
})

/** The Secrets that a pod names anywhere (pkg/api/v1/pod/util.go VisitPodSecretNames). */
function secretNames({ spec }: Pod): ReadonlySet<string> {
  const names = new Set<string>()
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) return value.forEach(visit)
    if (typeof value !== 'object' || value === null) return
    for (const [field, member] of Object.entries(value)) {
      const named = member as { readonly name?: string; readonly secretName?: string } | undefined
      if (/^secret(KeyRef|Ref)?$|SecretRef$/.test(field)) names.add(named?.secretName ?? named?.name ?? '')
      visit(member)
    }
  }
  for (const { name } of spec?.imagePullSecrets ?? []) names.add(name ?? '')
  visit(spec)
  return names
}
