import { configMaps } from '../../api/core/v1/config-map.ts'
import { secrets } from '../../api/core/v1/secret.ts'
import type { Secret } from '../../api/types.generated.ts'
import { keyOf } from '../../client/informer.ts'
import { isReason } from '../../machinery/errors.ts'
import { defineSync } from '../runtime/define-sync.ts'
import { bootstrapTokenType, expiresInMs, signedData, signingToken } from './bootstrap-token.ts'

const tokenOptions = { namespace: 'kube-system', fieldSelector: `type=${bootstrapTokenType}` } as const
const clusterInfo = 'cluster-info'

/** Token cleaner: deletes bootstrap tokens that have ended (pkg/controller/bootstrap/tokencleaner.go). */
export const tokenCleaner = defineSync({
  name: 'token-cleaner',
  setup({ client, informers, clock }) {
    const tokens = informers.for(secrets, tokenOptions)
    return {
      ready: (signal) => tokens.whenSynced(signal),
      async sync(key) {
        const token = tokens.get(key)
        const restMs = token && expiresInMs(token, clock.now())
        if (token === undefined || restMs === undefined) return
        if (restMs > 0) return { requeueAfterMs: restMs }
        const { namespace, name = '', uid } = token.metadata
        try {
          await client.delete(secrets, { namespace, name }, { preconditions: { uid } })
        } catch (error) {
          if (!isReason(error, 'NotFound', 'Conflict')) throw error
        }
        return
      },
      watch(queue) {
        const seen = (token: Secret) => queue.add(keyOf(token))
        return tokens.subscribe({ added: seen, updated: seen })
      },
    }
  },
})

/** Bootstrap signer: signs kube-public/cluster-info with the bootstrap tokens (bootstrapsigner.go). */
export const bootstrapSigner = defineSync({
  name: 'bootstrap-signer',
  setup({ client, informers, clock }) {
    const tokens = informers.for(secrets, tokenOptions)
    const infos = informers.for(configMaps, {
      namespace: 'kube-public',
      fieldSelector: `metadata.name=${clusterInfo}`,
    })
    return {
      ready: (signal) => Promise.all([tokens.whenSynced(signal), infos.whenSynced(signal)]),
      async sync(key) {
        const info = infos.get(key)
        if (info === undefined) return
        const now = clock.now()
        const signing = tokens.list().flatMap((token) => signingToken(token, now) ?? [])
        const data = signedData(info, signing)
        if (data === undefined) return
        try {
          await client.update(configMaps, { ...info, data })
        } catch (error) {
          if (!isReason(error, 'NotFound')) throw error
        }
      },
      watch(queue) {
        const poke = () => queue.add(`kube-public/${clusterInfo}`)
        const stops = [
          tokens.subscribe({ added: poke, updated: poke, deleted: poke }),
          infos.subscribe({ added: poke, updated: poke }),
        ]
        return () => {
          for (const stop of stops) stop()
        }
      },
    }
  },
})
