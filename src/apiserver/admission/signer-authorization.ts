import type { UserInfo } from '../../api/user.ts'
import type { Authorizer } from '../authorization/authorizer.ts'

/** Whether a user may approve, sign or attest for a signer, by name or for all of its domain (pkg/registry/certificates/…/authorization). */
export async function mayUseSigner(
  authorizer: Authorizer,
  user: UserInfo,
  verb: 'approve' | 'sign' | 'attest',
  signerName: string,
): Promise<boolean> {
  const domain = signerName.split('/')[0]
  for (const name of [signerName, `${domain}/*`]) {
    const { decision } = await authorizer.authorize({
      user,
      verb,
      resourceRequest: true,
      namespace: '',
      apiGroup: 'certificates.k8s.io',
      apiVersion: '*',
      resource: 'signers',
      subresource: '',
      name,
      path: '',
    })
    if (decision === 'allow') return true
  }
  return false
}
