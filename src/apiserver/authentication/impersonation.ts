import type { UserInfo } from '../../api/user.ts'
import { ApiError } from '../../machinery/errors.ts'
import { goQuote } from '../../machinery/field-error.ts'
import { dns1123Subdomain } from '../../machinery/validation/dns-names.ts'
import type { AuthorizationAttributes, Authorizer } from '../authorization/authorizer.ts'
import { forbiddenRequest } from '../authorization/forbidden.ts'
import type { AuthenticationRequest } from './authenticator.ts'
import { anonymousUser, authenticatedGroup, unauthenticatedGroup } from './chain.ts'
import { wantedUser } from './impersonation-headers.ts'
import { parseServiceAccountUser, serviceAccountGroups } from './service-account-name.ts'

export interface Impersonation {
  readonly user: UserInfo
  /** The verb that allowed it, for the audit log; '' for plain impersonation. */
  readonly constraint: string
}

/**
 * Who the request acts as, when its headers ask to act as somebody else; undefined when they do not. `attributes` are
 * those of the request itself with its true user. Throws 403 when that is not allowed.
 *
 * Constrained impersonation (KEP-5284, apiserver endpoints/filters/impersonation): each mode that fits is tried, most
 * narrow first, plain `impersonate` last; the first refusal is the one that is told. Not `constrained`: plain alone.
 */
export async function impersonate(
  request: AuthenticationRequest,
  attributes: AuthorizationAttributes,
  authorizer: Authorizer,
  { constrained = true }: { readonly constrained?: boolean } = {},
): Promise<Impersonation | undefined> {
  const wanted = wantedUser(request, constrained)
  if (wanted === undefined) return undefined
  let refusal: ApiError | undefined
  for (const mode of modes) {
    if ((!constrained && mode.name !== '') || !mode.fits(wanted, attributes.user)) continue
    try {
      const asked = mode.as?.(attributes) ?? attributes
      if (mode.name !== '') await check(authorizer, { ...asked, verb: `impersonate-on:${mode.name}:${asked.verb}` })
      const user = await authorized(authorizer, mode, wanted, asked.user)
      return { user, constraint: mode.name === '' ? '' : verbOf(mode) }
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      refusal ??= error
    }
  }
  throw refusal ?? new Error('all impersonation modes failed')
}

interface Mode {
  /** '' is plain impersonation, which may do everything and asks for `impersonate`. */
  readonly name: string
  fits(wanted: UserInfo, requestor: UserInfo): boolean
  /** The request as this mode's authorization sees it. */
  as?(attributes: AuthorizationAttributes): AuthorizationAttributes
}

const nodeNameKey = 'authentication.kubernetes.io/node-name'

const modes: readonly Mode[] = [
  {
    // A service account whose pod runs on a node acts as that node.
    name: 'associated-node',
    fits(wanted, requestor) {
      const node = nodeOf(wanted.name)
      const own = requestor.extra?.[nodeNameKey]
      const fromNode = parseServiceAccountUser(requestor.name) !== undefined && own?.length === 1 && own[0] === node
      return onlyNameSet(wanted) && node !== undefined && fromNode
    },
    as: (attributes) => ({
      ...attributes,
      user: {
        ...attributes.user,
        extra: { 'authentication.kubernetes.io/associated-node-keys': Object.keys(attributes.user.extra ?? {}).sort() },
      },
    }),
  },
  { name: 'arbitrary-node', fits: (wanted) => onlyNameSet(wanted) && nodeOf(wanted.name) !== undefined },
  {
    name: 'serviceaccount',
    fits: (wanted) => onlyNameSet(wanted) && parseServiceAccountUser(wanted.name) !== undefined,
  },
  {
    name: 'user-info',
    fits: ({ name }) => nodeOf(name) === undefined && parseServiceAccountUser(name) === undefined,
  },
  { name: '', fits: () => true },
]

function verbOf(mode: Mode): string {
  return mode.name === '' ? 'impersonate' : `impersonate:${mode.name}`
}

/** Checks every part of the wanted user on its own, and completes its groups. */
async function authorized(
  authorizer: Authorizer,
  mode: Mode,
  wanted: UserInfo,
  requestor: UserInfo,
): Promise<UserInfo> {
  const constrained = mode.name !== ''
  const subject = { group: constrained ? 'authentication.k8s.io' : '', version: 'v1' }
  const authentication = { group: 'authentication.k8s.io', version: 'v1' }
  const attributesOf = (gv: typeof subject, resource: string, name: string): AuthorizationAttributes => ({
    user: requestor,
    verb: verbOf(mode),
    resourceRequest: true,
    namespace: '',
    apiGroup: gv.group,
    apiVersion: gv.version,
    resource,
    subresource: '',
    name,
    path: '',
  })
  const account = parseServiceAccountUser(wanted.name)
  const node = constrained ? nodeOf(wanted.name) : undefined
  let groups = wanted.groups
  if (account !== undefined) {
    if (groups.length === 0) groups = serviceAccountGroups(account.namespace)
    await check(authorizer, {
      ...attributesOf(subject, 'serviceaccounts', account.name),
      namespace: account.namespace,
    })
  } else if (node !== undefined) {
    groups = ['system:nodes']
    // Any node will do for an associated node: that it is the caller's own was checked before.
    await check(authorizer, attributesOf(subject, 'nodes', mode.name === 'associated-node' ? '*' : node))
  } else await check(authorizer, attributesOf(subject, 'users', wanted.name))

  if (wanted.uid) await check(authorizer, attributesOf(authentication, 'uids', wanted.uid))
  await authorizeGroups(authorizer, wanted.groups, constrained, attributesOf(subject, 'groups', ''))
  await authorizeExtra(authorizer, wanted.extra ?? {}, constrained, attributesOf(authentication, 'userextras', ''))

  if (wanted.name === anonymousUser) groups = withGroup(groups, unauthenticatedGroup)
  else if (!groups.includes(unauthenticatedGroup)) groups = withGroup(groups, authenticatedGroup)
  return { ...wanted, groups }
}

/** From so many on, one check of "*" is tried before each is checked. */
const many = 4

async function authorizeGroups(
  authorizer: Authorizer,
  groups: readonly string[],
  constrained: boolean,
  attributes: AuthorizationAttributes,
): Promise<void> {
  if (constrained) {
    if (groups.includes('')) throw forbiddenRequest(attributes, 'impersonating the empty string group is not allowed')
    if (groups.includes('system:masters'))
      throw forbiddenRequest(
        { ...attributes, name: 'system:masters' },
        'impersonating the system:masters group is not allowed',
      )
    if (groups.length >= many && (await allows(authorizer, { ...attributes, name: '*' }))) return
  }
  for (const group of groups) await check(authorizer, { ...attributes, name: group })
}

async function authorizeExtra(
  authorizer: Authorizer,
  extra: Readonly<Record<string, readonly string[]>>,
  constrained: boolean,
  attributes: AuthorizationAttributes,
): Promise<void> {
  const pairs = Object.entries(extra).flatMap(([key, values]) => values.map((value) => [key, value] as const))
  if (constrained) {
    for (const [key, values] of Object.entries(extra)) {
      const problem = extraProblem(key, values)
      if (problem !== undefined) throw forbiddenRequest(attributes, problem)
    }
    if (pairs.length >= many && (await allows(authorizer, { ...attributes, subresource: '*', name: '*' }))) return
  }
  for (const [key, value] of pairs) await check(authorizer, { ...attributes, subresource: key, name: value })
}

function extraProblem(key: string, values: readonly string[]): string | undefined {
  if (key === '') return 'impersonating the empty string key in extra is not allowed'
  const slash = key.indexOf('/')
  const domain = slash < 0 ? '' : key.slice(0, slash)
  if (slash < 0 || slash === key.length - 1 || dns1123Subdomain(domain).length > 0)
    return `impersonating an invalid key in extra is not allowed: extra.key: Invalid value: ${goQuote(key)}: must be a domain-prefixed path (such as "acme.io/foo")`
  if (values.includes('')) return 'impersonating the empty string value in extra is not allowed'
  return undefined
}

async function allows(authorizer: Authorizer, attributes: AuthorizationAttributes): Promise<boolean> {
  return (await authorizer.authorize(attributes)).decision === 'allow'
}

async function check(authorizer: Authorizer, attributes: AuthorizationAttributes): Promise<void> {
  const { decision, reason, error } = await authorizer.authorize(attributes)
  if (decision === 'allow') return
  throw forbiddenRequest(attributes, error === undefined ? reason : reason === '' ? error : `${error}: ${reason}`)
}

function nodeOf(user: string): string | undefined {
  if (!user.startsWith('system:node:')) return undefined
  const name = user.slice('system:node:'.length)
  return dns1123Subdomain(name).length === 0 ? name : undefined
}

function onlyNameSet(user: UserInfo): boolean {
  return !user.uid && user.groups.length === 0 && Object.keys(user.extra ?? {}).length === 0
}

function withGroup(groups: readonly string[], group: string): readonly string[] {
  return groups.includes(group) ? groups : [...groups, group]
}
