import { podCertificateRequests } from '../../api/certificates/v1/pod-certificate-request.ts'
import type { PodCertificateRequest } from '../../api/types.generated.ts'
import { keyOf } from '../../client/informer.ts'
import { isReason } from '../../machinery/errors.ts'
import { timeOf } from '../pods/pod-state.ts'
import { defineSync } from '../runtime/define-sync.ts'

/** By then each has been answered, or its kubelet has made another one. */
const keptMs = 15 * 60_000

/** Pod certificate request cleaner: deletes old requests (certificates/cleaner/pcrcleaner.go). */
export const podCertificateRequestCleaner = defineSync({
  name: 'podcertificaterequestcleaner',
  setup({ client, informers, clock }) {
    const requests = informers.for(podCertificateRequests)
    return {
      ready: (signal) => requests.whenSynced(signal),
      async sync(key) {
        const request = requests.get(key)
        if (request === undefined) return
        const { namespace, name = '', uid, creationTimestamp } = request.metadata
        const restMs = (timeOf(creationTimestamp) ?? 0) + keptMs - clock.now()
        if (restMs > 0) return { requeueAfterMs: restMs }
        try {
          await client.delete(podCertificateRequests, { namespace, name }, { preconditions: { uid } })
        } catch (error) {
          if (!isReason(error, 'NotFound', 'Conflict')) throw error
        }
        return
      },
      watch(queue) {
        return requests.subscribe({ added: (request: PodCertificateRequest) => queue.add(keyOf(request)) })
      },
    }
  },
})
