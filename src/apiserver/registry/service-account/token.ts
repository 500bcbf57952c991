import type { Clock } from '../../../machinery/clock.ts'
import type { KubeObject } from '../../../machinery/meta/object.ts'
import type { Answer } from '../../answer.ts'
import type { TokenIssuer } from '../../authentication/token-issuer.ts'
import { beginSubresourceCreate } from '../../handlers/create-subresource.ts'
import type { SubresourceHandler } from '../../handlers/subresource.ts'
import type { Lister } from '../../lister.ts'
import { requestToken, type TokenRequest } from '../../tokens/token-request.ts'

/** `serviceaccounts/token`: a bound token for an account. */
export function tokenHandler(options: { clock: Clock; issuer: TokenIssuer; lister: Lister }): SubresourceHandler {
  return {
    async create(context, resource, services): Promise<Answer> {
      const { draft, validate, write } = await beginSubresourceCreate(context, resource, services, {
        keepsSystemMetadata: true,
      })
      const object = await requestToken({
        namespace: context.info.namespace,
        name: context.info.name,
        request: draft as KubeObject as TokenRequest,
        ...options,
        admit: validate,
        warn: write.warn,
        checksUid: services.enabled('TokenRequestServiceAccountUIDValidation'),
      })
      return { type: 'object', code: 201, object }
    },
  }
}
