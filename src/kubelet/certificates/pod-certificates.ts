import { podCertificateRequests } from '../../api/certificates/v1/pod-certificate-request.ts'
import { serviceAccounts } from '../../api/core/v1/service-account.ts'
import type { Pod, PodCertificateProjection, PodCertificateRequest } from '../../api/types.generated.ts'
import type { Client } from '../../client/client.ts'
import type { EventRecorder } from '../../client/events/event-recorder.ts'
import type { Informer, InformerFactory } from '../../client/informer.ts'
import type { Clock } from '../../machinery/clock.ts'
import type { Logger } from '../../machinery/log.ts'
import type { Random } from '../../machinery/random.ts'
import { decodePem, encodePem } from '../../machinery/x509/pem.ts'
import { createPodKey } from './pod-key.ts'

/** Keys and certificates of pods, asked for by requests to signers (KEP-4317; upstream: pkg/kubelet/podcertificate). */
export interface PodCertificates {
  /** What is there to be mounted; throws while there is nothing. Asks for it, and for its successor when it is time. */
  credentials(pod: Pod, volume: string, source: number, wanted: PodCertificateProjection): Promise<PodCredentials>
  forget(podUid: string): void
}

export interface PodCredentials {
  /** PEM, as all below. */
  readonly key: string
  readonly chain: string
}

const jitterMs = 5 * 60_000
const abandonedAfterMs = 10 * 60_000
const overdueAfterMs = 10 * 60_000

interface Issued extends PodCredentials {
  /** Epoch ms, as `notAfter`. */
  readonly refreshAt: number
  readonly notAfter: number
}
interface Asked {
  readonly key: string
  readonly name: string
  /** A request that does not show up by then (epoch ms) was deleted by somebody. */
  readonly abandonAt: number
}
interface Projection {
  issued?: Issued
  asked?: Asked
  /** The signer has refused, for good. */
  refused?: string
  toldOverdue?: boolean
  toldExpired?: boolean
  /** What is under way for it. */
  advancing?: Promise<void>
}

export function createPodCertificates(options: {
  readonly client: Client
  readonly informers: InformerFactory
  readonly events: EventRecorder
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  readonly nodeName: string
  readonly nodeUid: () => string | undefined
  /** A request of this pod has been answered. */
  readonly onAnswer: (podUid: string) => void
}): PodCertificates {
  const { client, events, clock, random, log, nodeName } = options
  const byPod = new Map<string, Map<string, Projection>>()
  const jitter = () => random.float() * jitterMs

  // Most nodes never need it.
  let requests: Informer<PodCertificateRequest> | undefined
  const watched = () => {
    if (requests === undefined) {
      requests = options.informers.for(podCertificateRequests, { fieldSelector: `spec.nodeName=${nodeName}` })
      const seen = ({ spec, status }: PodCertificateRequest) => {
        if (status?.conditions?.length) options.onAnswer(spec.podUID)
      }
      requests.subscribe({ added: seen, updated: seen, deleted: ({ spec }) => options.onAnswer(spec.podUID) })
    }
    return requests
  }

  const ask = async (pod: Pod, wanted: PodCertificateProjection): Promise<Asked> => {
    const { name: podName = '', namespace = '', uid: podUID = '' } = pod.metadata
    const { serviceAccountName = '' } = pod.spec
    const { signerName, keyType, maxExpirationSeconds, userAnnotations } = wanted
    const account = await client.get(serviceAccounts, { namespace, name: serviceAccountName })
    const nodeUID = options.nodeUid()
    if (nodeUID === undefined) throw new Error('while getting node object from local cache: node not found')
    const { pem, proof } = await createPodKey(keyType)
    const request = {
      apiVersion: 'certificates.k8s.io/v1',
      kind: 'PodCertificateRequest',
      metadata: {
        namespace,
        generateName: 'req-',
        ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: podName, uid: podUID }],
      },
      spec: {
        signerName,
        podName,
        podUID,
        serviceAccountName,
        serviceAccountUID: account.metadata.uid ?? '',
        nodeName,
        nodeUID,
        maxExpirationSeconds,
        stubPKCS10Request: proof.toString('base64'),
        unverifiedUserAnnotations: userAnnotations,
      },
      status: {},
    }
    const { metadata } = await client.create(podCertificateRequests, request)
    return { key: pem, name: metadata.name ?? '', abandonAt: clock.now() + abandonedAfterMs + jitter() }
  }

  /** Takes in the answer to the request that was made, if there is one. */
  const takeAnswer = (pod: Pod, of: Projection, asked: Asked) => {
    const name = `${pod.metadata.namespace}/${asked.name}`
    const request = watched().get(name)
    if (request === undefined) {
      if (clock.now() > asked.abandonAt) of.asked = undefined
      return
    }
    for (const { type, reason, message } of request.status?.conditions ?? []) {
      const why = `reason=${JSON.stringify(reason)}, message=${JSON.stringify(message)}`
      const refuse = (told: string, kept: string) => {
        events.event(pod, 'Warning', type, `PodCertificateRequest ${name} ${told}, ${why}`)
        of.asked = undefined
        of.refused = `PodCertificateRequest was permanently ${kept}: ${why.replace(',', '')}`
      }
      if (type === 'Denied') return refuse('was denied', 'denied')
      if (type === 'Failed') return refuse('failed', 'failed')
      if (type !== 'Issued') continue
      const { certificateChain = '', beginRefreshAt = '', notAfter = '' } = request.status
      of.asked = undefined
      of.toldOverdue = false
      of.toldExpired = false
      of.issued = {
        key: asked.key,
        // Headers, and what stands between the certificates, are left out.
        chain: decodePem(certificateChain)
          .map(({ bytes }) => encodePem('CERTIFICATE', bytes))
          .join(''),
        refreshAt: Date.parse(beginRefreshAt) + jitter(),
        notAfter: Date.parse(notAfter),
      }
      return
    }
  }

  const warnOfAge = (pod: Pod, of: Projection, { refreshAt, notAfter }: Issued) => {
    const now = clock.now()
    if (now > refreshAt + overdueAfterMs && !of.toldOverdue) {
      of.toldOverdue = true
      events.event(pod, 'Warning', 'CertificateOverdueForRefresh', 'PodCertificate refresh overdue')
    }
    if (now > notAfter && !of.toldExpired) {
      of.toldExpired = true
      events.event(pod, 'Warning', 'CertificateExpired', 'PodCertificate expired')
    }
  }

  const advance = async (pod: Pod, of: Projection, wanted: PodCertificateProjection) => {
    await watched().whenSynced()
    if (of.asked !== undefined) takeAnswer(pod, of, of.asked)
    if (of.refused !== undefined) return
    if (of.issued !== undefined) {
      if (clock.now() < of.issued.refreshAt) return
      warnOfAge(pod, of, of.issued)
    }
    of.asked ??= await ask(pod, wanted)
  }

  return {
    async credentials(pod, volume, source, wanted) {
      const uid = pod.metadata.uid ?? ''
      const projections = byPod.get(uid) ?? new Map<string, Projection>()
      byPod.set(uid, projections)
      const key = JSON.stringify([volume, source])
      const projection: Projection = projections.get(key) ?? {}
      projections.set(key, projection)
      projection.advancing ??= advance(pod, projection, wanted).finally(() => {
        projection.advancing = undefined
      })
      try {
        await projection.advancing
      } catch (error) {
        // What was issued still serves.
        if (projection.issued === undefined) throw error
        log.warn('certificate of a pod could not be renewed', { pod: pod.metadata.name, volume, error })
      }
      if (projection.refused !== undefined) throw new Error(projection.refused)
      if (projection.issued === undefined) throw new Error('credential bundle is not issued yet')
      return projection.issued
    },
    forget: (uid) => void byPod.delete(uid),
  }
}
