import { persistentVolumeClaims } from '../../api/core/v1/persistent-volume-claim.ts'
import { persistentVolumes } from '../../api/core/v1/persistent-volume.ts'
import type { PersistentVolumeClaim } from '../../api/types.generated.ts'
import { keyOf } from '../../client/informer.ts'
import { compareQuantities, parseQuantity } from '../../machinery/quantity.ts'
import { defineSync } from '../runtime/define-sync.ts'

/**
 * Says of bound claims that ask for more than they have that somebody outside is to expand them: no volume is expanded
 * here, as upstream has no plugin left that would be (pkg/controller/volume/expand).
 */
export const volumeExpandController = defineSync({
  name: 'expand-controller',
  eventSource: 'volume_expand',
  setup({ client, informers, recorder }) {
    const claims = informers.for(persistentVolumeClaims)
    return {
      ready: (signal) => claims.whenSynced(signal),
      watch(queue) {
        const seen = (claim: PersistentVolumeClaim) => {
          if (claim.status?.phase === 'Bound' && wantsMore(claim)) queue.add(keyOf(claim))
        }
        return claims.subscribe({
          added: seen,
          updated(claim, old) {
            if (compare(requested(claim), requested(old)) > 0 || compare(actual(claim), actual(old)) > 0) seen(claim)
          },
        })
      },
      async sync(key) {
        const claim = claims.get(key)
        if (claim === undefined || !wantsMore(claim)) return
        const { claimRef } = (await client.get(persistentVolumes, { name: claim.spec.volumeName ?? '' })).spec
        if (claimRef?.uid !== claim.metadata.uid)
          throw new Error(`persistent Volume is not bound to PVC being updated : ${key}`)
        const message = 'waiting for an external controller to expand this PVC'
        recorder.event(claim, 'Normal', 'ExternalExpanding', message)
      },
    }
  },
})

const requested = ({ spec }: PersistentVolumeClaim): string => spec.resources?.requests?.['storage'] ?? '0'
const actual = ({ status }: PersistentVolumeClaim): string => status?.capacity?.['storage'] ?? '0'
const compare = (a: string, b: string): number => compareQuantities(parseQuantity(a), parseQuantity(b))
const wantsMore = (claim: PersistentVolumeClaim): boolean => compare(requested(claim), actual(claim)) > 0
