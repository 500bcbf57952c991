import { secrets } from '../../api/core/v1/secret.ts'
import { serviceAccounts } from '../../api/core/v1/service-account.ts'
import type { Secret, ServiceAccount } from '../../api/types.generated.ts'
import { keyOf } from '../../client/informer.ts'
import { isReason } from '../../machinery/errors.ts'
import { defineSync } from '../runtime/define-sync.ts'
import { accountOf, base64, missingData, nameAnnotation, tokenType, uidAnnotation } from './reconcile.ts'

/**
 * Service account tokens: fills Secrets of type kubernetes.io/service-account-token, and deletes them with their account
 * (pkg/controller/serviceaccount/tokens_controller.go). Keys: `secret/NAMESPACE/NAME`, `account/NAMESPACE/NAME/UID` of an
 * account that is gone, `reference/NAMESPACE/ACCOUNT/UID/SECRET` of a Secret that is gone.
 */
export const serviceAccountTokenController = defineSync({
  name: 'tokens-controller',
  asManager: true,
  enabled: ({ issueLegacyToken }) => issueLegacyToken !== undefined,
  setup({ client, informers, options }) {
    const { rootCa, issueLegacyToken } = options
    const accounts = informers.for(serviceAccounts)
    const tokens = informers.for(secrets, { fieldSelector: `type=${tokenType}` })

    const isAccount = (account: ServiceAccount | undefined, uid: string): account is ServiceAccount =>
      account !== undefined && (uid === '' || account.metadata.uid === uid)
    /** The cache may not know an account yet; that one is gone, only the server says. */
    const liveAccount = async (namespace: string, name: string, uid: string): Promise<ServiceAccount | undefined> => {
      const cached = accounts.get(`${namespace}/${name}`)
      if (isAccount(cached, uid)) return cached
      try {
        const live = await client.get(serviceAccounts, { namespace, name })
        return isAccount(live, uid) ? live : undefined
      } catch (error) {
        if (isReason(error, 'NotFound')) return undefined
        throw error
      }
    }
    const remove = async ({ metadata: { namespace, name = '', uid } }: Secret) => {
      try {
        await client.delete(secrets, { namespace, name }, { preconditions: { uid } })
      } catch (error) {
        // Gone, or another one of that name.
        if (!isReason(error, 'NotFound', 'Conflict')) throw error
      }
    }
    const fill = async (secret: Secret, account: ServiceAccount) => {
      const missing = missingData(secret, rootCa)
      if (!missing.ca && !missing.namespace && !missing.token) return
      const { namespace = '', name = '', annotations } = secret.metadata
      const data: Record<string, string> = { ...secret.data }
      if (missing.ca) data['ca.crt'] = base64(rootCa!)
      if (missing.namespace) data.namespace = base64(namespace)
      if (missing.token) data.token = base64(await issueLegacyToken!(account, name))
      const filled: Secret = {
        ...secret,
        metadata: {
          ...secret.metadata,
          annotations: {
            ...annotations,
            [nameAnnotation]: account.metadata.name!,
            [uidAnnotation]: account.metadata.uid!,
          },
        },
        data,
      }
      try {
        await client.update(secrets, filled)
      } catch (error) {
        // What changed it meanwhile brings it up again.
        if (!isReason(error, 'NotFound', 'Conflict')) throw error
      }
    }
    const removeReference = async (namespace: string, name: string, uid: string, secretName: string) => {
      const cached = accounts.get(`${namespace}/${name}`)
      if (!isAccount(cached, uid) || tokens.get(`${namespace}/${secretName}`) !== undefined) return
      try {
        const live = await client.get(serviceAccounts, { namespace, name })
        const kept = live.secrets?.filter((secret) => secret.name !== secretName)
        if (!isAccount(live, uid) || kept?.length === live.secrets?.length) return
        await client.update(serviceAccounts, { ...live, secrets: kept })
      } catch (error) {
        if (!isReason(error, 'NotFound')) throw error
      }
    }

    return {
      ready: (signal) => Promise.all([accounts.whenSynced(signal), tokens.whenSynced(signal)]),
      async sync(key) {
        const [what, namespace = '', name = '', uid = '', secretName = ''] = key.split('/')
        if (what === 'reference') return removeReference(namespace, name, uid, secretName)
        if (what === 'account') {
          if (isAccount(accounts.get(`${namespace}/${name}`), uid)) return
          const owned = tokens.byIndex('namespace', namespace).filter((secret) => {
            const account = accountOf(secret)
            return account.name === name && account.uid === uid
          })
          await Promise.all(owned.map(remove))
          return
        }
        const secret = tokens.get(`${namespace}/${name}`)
        const of = secret && accountOf(secret)
        if (!secret || !of?.name) return
        const account = await liveAccount(namespace, of.name, of.uid)
        await (account === undefined ? remove(secret) : fill(secret, account))
      },
      watch(queue) {
        const seen = (secret: Secret) => queue.add(`secret/${keyOf(secret)}`)
        const stops = [
          tokens.subscribe({
            added: seen,
            updated: seen,
            deleted(secret) {
              const { name, uid } = accountOf(secret)
              if (name) queue.add(`reference/${secret.metadata.namespace}/${name}/${uid}/${secret.metadata.name}`)
            },
          }),
          accounts.subscribe({
            deleted: ({ metadata }) => queue.add(`account/${metadata.namespace}/${metadata.name}/${metadata.uid}`),
          }),
        ]
        return () => {
          for (const stop of stops) stop()
        }
      },
    }
  },
})
