import { subjectAccessReviews } from '../../api/authorization/v1/subject-access-review.ts'
import { certificateSigningRequests } from '../../api/certificates/v1/certificate-signing-request.ts'
import type {
  CertificateSigningRequest,
  CertificateSigningRequestCondition,
  SubjectAccessReview,
} from '../../api/types.generated.ts'
import { keyOf } from '../../client/informer.ts'
import { formatTime } from '../../machinery/clock.ts'
import { isReason } from '../../machinery/errors.ts'
import type { ControllerContext } from '../runtime/controller.ts'
import { defineSync, type SyncParts } from '../runtime/define-sync.ts'
import { uselessAt } from './clean-up.ts'
import {
  apiServerClientProblem,
  apiServerClientSigner,
  hasCondition,
  isApproved,
  kubeletClientProblem,
  kubeletClientSigner,
  kubeletServingProblem,
  kubeletServingSigner,
  legacyUnknownSigner,
  requestOf,
} from './request-rules.ts'
import { lifetimeMs, signRequest } from './sign.ts'

/** All three act as the same account. */
const name = 'certificate-controller'
const yearMs = 365 * 24 * 3_600_000

type Outcome = Awaited<ReturnType<SyncParts['sync']>>

export function forEachRequest(
  handle: (csr: CertificateSigningRequest, context: ControllerContext) => Promise<Outcome>,
): (context: ControllerContext) => SyncParts {
  return (context) => {
    const requests = context.informers.for(certificateSigningRequests)
    return {
      ready: (signal) => requests.whenSynced(signal),
      async sync(key) {
        const csr = requests.get(key)
        return csr === undefined ? undefined : handle(csr, context)
      },
      watch(queue) {
        const seen = (csr: CertificateSigningRequest) => queue.add(keyOf(csr))
        return requests.subscribe({ added: seen, updated: seen })
      },
    }
  }
}

/** Approves client certificates of kubelets that may have them (certificates/approver). */
export const certificateApprover = defineSync({
  name,
  setup: forEachRequest(async (csr, { client }) => {
    if (csr.status?.certificate || hasCondition(csr, 'Approved') || hasCondition(csr, 'Denied')) return
    if (csr.spec.signerName !== kubeletClientSigner) return
    const request = requestOf(csr)
    if (kubeletClientProblem(request, usagesOf(csr)) !== undefined) return
    const isOwn = csr.spec.username === request.subject.commonName
    const ways: [subresource: string, message: string][] = [
      ['nodeclient', 'Auto approving kubelet client certificate after SubjectAccessReview.'],
    ]
    if (isOwn) {
      ways.unshift(['selfnodeclient', 'Auto approving self kubelet client certificate after SubjectAccessReview.'])
    }
    for (const [subresource, message] of ways) {
      const { username: user, uid, groups, extra } = csr.spec
      const review = await client.create(subjectAccessReviews, {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SubjectAccessReview',
        metadata: {},
        spec: {
          user,
          uid,
          groups,
          extra,
          resourceAttributes: {
            group: 'certificates.k8s.io',
            resource: 'certificatesigningrequests',
            verb: 'create',
            subresource,
            version: '*',
          },
        },
      } as unknown as SubjectAccessReview)
      if (!review.status?.allowed) continue
      const approved = withCondition(csr, { type: 'Approved', status: 'True', reason: 'AutoApproved', message })
      await client.update(certificateSigningRequests, approved, { subresource: 'approval' })
      return
    }
    // Who may have one can change.
    return { retry: true }
  }),
})

/** Signs what was approved, for the signers that Kubernetes defines (certificates/signer). */
export const certificateSigner = defineSync({
  name,
  enabled: (options) => options.certificateSigner !== undefined,
  setup: forEachRequest(async (csr, { client, clock, options }) => {
    if (csr.status?.certificate || !isApproved(csr)) return
    const failed = csr.status?.conditions?.some(
      ({ type, status }) => type === 'Failed' && (!status || status === 'True'),
    )
    if (failed || !isKnownSigner(csr.spec.signerName)) return
    const request = requestOf(csr)
    const usages = usagesOf(csr)
    const now = clock.now()
    const message = problemOf(csr.spec.signerName, request, usages)
    const signed =
      message !== undefined
        ? withCondition(csr, {
            type: 'Failed',
            status: 'True',
            reason: 'SignerValidationFailure',
            message,
            lastUpdateTime: formatTime(now),
          })
        : {
            ...csr,
            status: {
              ...csr.status,
              certificate: Buffer.from(
                signRequest({
                  request,
                  usages,
                  lifetimeMs: lifetimeMs(csr.spec.expirationSeconds, options.certificateDurationMs ?? yearMs),
                  signer: options.certificateSigner!,
                  now,
                }),
              ).toString('base64'),
            },
          }
    await client.update(certificateSigningRequests, signed, { subresource: 'status' })
    return
  }),
})

/** Deletes requests that nobody needs any more (certificates/cleaner). */
export const certificateCleaner = defineSync({
  name,
  setup: forEachRequest(async (csr, { client, clock }) => {
    const due = uselessAt(csr)
    if (due === undefined) return
    if (due > clock.now()) return { requeueAfterMs: due - clock.now() }
    try {
      await client.delete(certificateSigningRequests, { name: csr.metadata.name! })
    } catch (error) {
      if (!isReason(error, 'NotFound')) throw error
    }
    return
  }),
})

function usagesOf({ spec }: CertificateSigningRequest): readonly string[] {
  return spec.usages ?? []
}

function isKnownSigner(signerName: string): boolean {
  return [kubeletClientSigner, kubeletServingSigner, apiServerClientSigner, legacyUnknownSigner].includes(signerName)
}

function problemOf(
  signerName: string,
  request: ReturnType<typeof requestOf>,
  usages: readonly string[],
): string | undefined {
  if (signerName === kubeletClientSigner) return kubeletClientProblem(request, usages)
  if (signerName === kubeletServingSigner) return kubeletServingProblem(request, usages)
  return signerName === apiServerClientSigner ? apiServerClientProblem(usages) : undefined
}

export function withCondition(
  csr: CertificateSigningRequest,
  condition: CertificateSigningRequestCondition,
): CertificateSigningRequest {
  return { ...csr, status: { ...csr.status, conditions: [...(csr.status?.conditions ?? []), condition] } }
}
