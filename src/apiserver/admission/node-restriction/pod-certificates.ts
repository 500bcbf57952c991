import { nodes } from '../../../api/core/v1/node.ts'
import { serviceAccounts } from '../../../api/core/v1/service-account.ts'
import type { PodCertificateRequest } from '../../../api/types.generated.ts'
import type { Authorizer } from '../../authorization/authorizer.ts'
import type { Lister } from '../../lister.ts'
import { objectOf, refusal } from '../attributes.ts'
import type { AdmissionAttributes } from '../plugin.ts'
import { existingPod } from './pods.ts'
import { askedFor } from './tokens.ts'

/** A node asks for certificates of pods that run on it, by signers that they mount. */
export async function admitPodCertificate(
  lister: Lister,
  authorizer: Authorizer,
  node: string,
  attributes: AdmissionAttributes,
): Promise<void> {
  const refuse = (why: string) => refusal(attributes, why)
  const { operation, subresource, namespace } = attributes
  if (operation !== 'CREATE') throw refuse(`unexpected operation ${operation}`)
  if (subresource !== '') throw refuse(`unexpected subresource ${subresource}`)
  const { spec } = objectOf<PodCertificateRequest>(attributes)
  const quote = (text: string | undefined) => JSON.stringify(text ?? '')
  if (spec.nodeName !== node)
    throw refuse(
      `PodCertificateRequest.Spec.NodeName=${quote(spec.nodeName)}, which is not the requesting node ${quote(node)}`,
    )
  const podName = quote(`${namespace}/${spec.podName}`)
  const found = lister.get(nodes, '', spec.nodeName)
  if (found?.metadata.uid !== spec.nodeUID)
    throw refuse(
      `PodCertificateRequest for pod ${podName} names node UID ${quote(spec.nodeUID)}, inconsistent with the running node (${quote(found?.metadata.uid)})`,
    )
  const pod = await existingPod(lister, namespace, spec.podName)
  if (pod.metadata.uid !== spec.podUID)
    throw refuse(
      `PodCertificateRequest for pod ${podName} contains pod UID (${quote(spec.podUID)}) which differs from running pod ${quote(pod.metadata.uid)}`,
    )
  if (pod.spec.nodeName !== spec.nodeName)
    throw refuse(`pod ${podName} is not running on node ${quote(spec.nodeName)} named in the PodCertificateRequest`)
  if (pod.metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined)
    throw refuse(`pod ${podName} is a mirror pod`)
  if (pod.spec.serviceAccountName !== spec.serviceAccountName)
    throw refuse(
      `PodCertificateRequest for pod ${podName} contains serviceAccountName (${quote(spec.serviceAccountName)}) that differs from running pod (${quote(pod.spec.serviceAccountName)})`,
    )
  const account = lister.get(serviceAccounts, namespace, spec.serviceAccountName)
  if (account?.metadata.uid !== spec.serviceAccountUID)
    throw refuse(
      `PodCertificateRequest for pod ${podName} names service account UID ${quote(spec.serviceAccountUID)}, which differs from the running service account (${quote(account?.metadata.uid)})`,
    )
  const mounts = (pod.spec.volumes ?? []).some(({ projected }) =>
    projected?.sources?.some(({ podCertificate }) => podCertificate?.signerName === spec.signerName),
  )
  if (mounts) return
  const signer = spec.signerName.replaceAll('/', ':')
  const asked = askedFor(attributes, 'request-serviceaccounts-podcertificate-signer', signer, spec.serviceAccountName)
  if ((await authorizer.authorize(asked)).decision === 'allow') return
  throw refuse(`pod ${podName} does not mount a podCertificate projected volume for signer ${quote(spec.signerName)}`)
}
