import type { ResourceRef } from '../../api/definition.ts'
import { type Clock, formatTime } from '../../machinery/clock.ts'
import { badRequest, conflict, invalid, notFound } from '../../machinery/errors.ts'
import { type FieldError, fieldErrors } from '../../machinery/field-error.ts'
import { type KubeObject, parseApiVersion } from '../../machinery/meta/object.ts'
import type { BoundObject, TokenIssuer, TokenRequestSpec } from '../authentication/token-issuer.ts'
import type { Lister } from '../lister.ts'

/** The body of a create on serviceaccounts/NAME/token (authentication.k8s.io/v1 TokenRequest). */
export interface TokenRequest extends KubeObject {
  readonly spec: TokenRequestSpec
  readonly status?: { readonly token: string; readonly expirationTimestamp: string }
}

const core = <Resource extends string>(kind: string, resource: Resource, namespaced: boolean): ResourceRef => ({
  group: '',
  version: 'v1',
  kind,
  resource,
  namespaced,
})
const refs = {
  ServiceAccount: core('ServiceAccount', 'serviceaccounts', true),
  Pod: core('Pod', 'pods', true),
  Secret: core('Secret', 'secrets', true),
  Node: core('Node', 'nodes', false),
}
const tokenRequestKind = { group: 'authentication.k8s.io', kind: 'TokenRequest' }
const minExpirationSeconds = 600
const defaultExpirationSeconds = 3600

/**
 * Answers a TokenRequest: looks up the account and the object to bind to, checks them, signs (upstream:
 * pkg/registry/core/serviceaccount/storage/token.go). `admit` runs validating admission on the completed request.
 */
export async function requestToken(options: {
  readonly namespace: string
  readonly name: string
  readonly request: TokenRequest
  readonly lister: Lister
  readonly issuer: TokenIssuer
  readonly clock: Clock
  readonly admit?: (request: TokenRequest) => void | Promise<void>
  readonly warn?: (text: string) => void
  /** Whether another uid than the account's is refused (TokenRequestServiceAccountUIDValidation). */
  readonly checksUid?: boolean
}): Promise<TokenRequest> {
  const { namespace, name, request, lister, issuer, clock, admit, warn, checksUid = true } = options
  const { metadata } = request
  const mustMatch = (field: 'name' | 'namespace', expected: string) => {
    const given = metadata[field]
    if (!given || given === expected) return
    const error = fieldErrors.invalid(
      `metadata.${field}`,
      given,
      `must match the service account ${field} if specified`,
    )
    throw invalid(tokenRequestKind, name, [error])
  }
  mustMatch('name', name)
  mustMatch('namespace', namespace)

  const serviceAccount = await lister.getLive(refs.ServiceAccount, namespace, name)
  if (serviceAccount === undefined) throw notFound({ group: '', resource: 'serviceaccounts' }, name)
  const { uid = '' } = serviceAccount.metadata
  if (checksUid && metadata.uid && metadata.uid !== uid) {
    const why = `the UID in the token request (${metadata.uid}) does not match the UID of the service account (${uid})`
    throw conflict({ group: tokenRequestKind.group, resource: tokenRequestKind.kind }, name, why)
  }
  const { audiences: asked, boundObjectRef } = request.spec ?? {}
  const expirationSeconds = request.spec?.expirationSeconds ?? defaultExpirationSeconds
  // A list that Go writes always comes as null when it is empty.
  const audiences = asked && asked.length > 0 ? asked : issuer.audiences
  const completed: TokenRequest = {
    ...request,
    metadata: { ...metadata, name, namespace, uid, creationTimestamp: formatTime(clock.now()) },
    spec: { ...request.spec, audiences, expirationSeconds },
    status: undefined,
  }
  const errors = validateTokenRequest(completed)
  if (errors.length > 0) throw invalid(tokenRequestKind, '', errors)
  await admit?.(completed)

  const bound = boundObjectRef && (await lookUp(lister, namespace, name, boundObjectRef))
  const { maxExpirationSeconds: most } = issuer
  const shortened = most > 0 && expirationSeconds > most ? most : expirationSeconds
  if (shortened !== expirationSeconds)
    warn?.(`requested expiration of ${expirationSeconds} seconds shortened to ${shortened} seconds`)
  const status = await issuer.issue({ serviceAccount, bound, audiences, expirationSeconds: shortened })
  return { ...completed, spec: { ...completed.spec, expirationSeconds: shortened }, status }
}

/** pkg/apis/authentication/validation/validation.go ValidateTokenRequest. */
export function validateTokenRequest(request: TokenRequest): FieldError[] {
  const { expirationSeconds = 0 } = request.spec
  const errors: FieldError[] = []
  const at = 'spec.expirationSeconds'
  if (expirationSeconds < minExpirationSeconds)
    errors.push(fieldErrors.invalid(at, expirationSeconds, 'may not specify a duration less than 10 minutes'))
  if (expirationSeconds > 2 ** 32)
    errors.push(fieldErrors.invalid(at, expirationSeconds, 'may not specify a duration larger than 2^32 seconds'))
  return errors
}

async function lookUp(
  lister: Lister,
  namespace: string,
  serviceAccount: string,
  reference: NonNullable<TokenRequestSpec['boundObjectRef']>,
): Promise<BoundObject> {
  const { kind = '', apiVersion = '', name = '', uid } = reference
  const { group, version } = parseApiVersion(apiVersion)
  if (group !== '' || (kind !== 'Pod' && kind !== 'Node' && kind !== 'Secret'))
    throw badRequest(`cannot bind token to object of type ${group}/${version}, Kind=${kind}`)
  const ref = refs[kind]
  const object = await lister.getLive(ref, ref.namespaced ? namespace : '', name)
  if (object === undefined) throw notFound({ group: '', resource: ref.resource }, name)
  let node: BoundObject['node']
  if (kind === 'Pod') {
    const { serviceAccountName, nodeName } = (object as KubeObject & { spec: Record<string, string | undefined> }).spec
    if (serviceAccountName !== serviceAccount) {
      const account = JSON.stringify(serviceAccount)
      throw badRequest(
        `cannot bind token for serviceaccount ${account} to pod running with different serviceaccount name.`,
      )
    }
    // A node that is gone still tells by its name where the pod was meant to run.
    if (nodeName) node = (await lister.getLive(refs.Node, '', nodeName)) ?? { metadata: { name: nodeName } }
  }
  if (uid && uid !== object.metadata.uid) {
    const why = `the UID in the bound object reference (${uid}) does not match the UID in record. The object might have been deleted and then recreated`
    throw conflict({ group, resource: kind }, name, why)
  }
  return { kind, object, node }
}
