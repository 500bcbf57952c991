import type { Pod } from '../../../api/types.generated.ts'
import { ApiError } from '../../../machinery/errors.ts'
import type { AuthorizationAttributes, Authorizer } from '../../authorization/authorizer.ts'
import type { Lister } from '../../lister.ts'
import type { TokenRequest } from '../../tokens/token-request.ts'
import { objectOf, refusal } from '../attributes.ts'
import type { AdmissionAttributes } from '../plugin.ts'
import { existingPod } from './pods.ts'
import { podUsesAudience } from './token-audience.ts'

/** A node asks for tokens of the accounts of its pods, bound to those pods, for audiences that they use. */
export async function admitToken(
  lister: Lister,
  authorizer: Authorizer,
  node: string,
  attributes: AdmissionAttributes,
  restrictsAudiences: boolean,
): Promise<void> {
  const refuse = (why: string): ApiError => refusal(attributes, why)
  const { spec } = objectOf<TokenRequest>(attributes)
  const bound = spec.boundObjectRef
  if (bound?.apiVersion !== 'v1' || bound.kind !== 'Pod' || !bound.name)
    throw refuse('node requested token not bound to a pod')
  if (!bound.uid) throw refuse('node requested token with a pod binding without a uid')
  const pod: Pod = await existingPod(lister, attributes.namespace, bound.name)
  if (bound.uid !== pod.metadata.uid)
    throw refuse(
      `the UID in the bound object reference (${bound.uid}) does not match the UID in record. The object might have been deleted and then recreated`,
    )
  if (pod.spec.nodeName !== node) throw refuse('node requested token bound to a pod scheduled on a different node')

  if (!restrictsAudiences) return
  const [audience = '', second] = spec.audiences ?? []
  if (second !== undefined) throw refuse('node may only request 0 or 1 audiences')
  if (podUsesAudience(lister, pod, audience)) return
  const asked = askedFor(attributes, 'request-serviceaccounts-token-audience', audience, attributes.name)
  if ((await authorizer.authorize(asked)).decision === 'allow') return
  const who = attributes.user.name
  throw refuse(`${who} is not authorized to request tokens for audience ${JSON.stringify(audience)}`)
}

/** A right that is named by what is asked for instead of by a resource. */
export function askedFor(
  { user, resource, namespace }: AdmissionAttributes,
  verb: string,
  asked: string,
  name: string,
): AuthorizationAttributes {
  return {
    user,
    verb,
    resourceRequest: true,
    namespace,
    apiGroup: resource.group,
    apiVersion: resource.version,
    resource: asked,
    subresource: '',
    name,
    path: '',
  }
}
