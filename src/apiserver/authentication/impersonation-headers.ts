import type { UserInfo } from '../../api/user.ts'
import { badRequest } from '../../machinery/errors.ts'
import { goQuote } from '../../machinery/field-error.ts'
import type { AuthenticationRequest } from './authenticator.ts'
import { extraOf, headerValue, headerValues } from './front-proxy.ts'

const headerNames = {
  user: 'impersonate-user',
  uid: 'impersonate-uid',
  group: 'impersonate-group',
  extraPrefix: 'impersonate-extra-',
} as const

/** Whether a header says whom to impersonate; whoever forwards a request takes such headers off. */
export function isImpersonationHeader(name: string): boolean {
  return (
    name === headerNames.user ||
    name === headerNames.uid ||
    name === headerNames.group ||
    name.startsWith(headerNames.extraPrefix)
  )
}

/** As whom the caller wants to act, exactly as the headers say; undefined: as itself. Throws 400 without a user name. */
export function wantedUser(request: AuthenticationRequest, constrained = true): UserInfo | undefined {
  const { headers } = request
  const name = headerValue(request, headerNames.user) ?? ''
  const uid = headerValue(request, headerNames.uid) ?? ''
  const groups = headers[headerNames.group] === undefined ? [] : headerValues(request, headerNames.group)
  const extra = extraOf(request, headerNames.extraPrefix)
  if (name !== '') return { name, uid: uid || undefined, groups, extra }
  if (uid === '' && groups.length === 0 && Object.keys(extra).length === 0) return undefined
  if (!constrained) throw badRequest(`requested [${asReferences(uid, groups, extra)}] without impersonating a user`)
  throw badRequest(`requested ${goSyntax({ uid, groups, extra })} without impersonating a user name`)
}

/** How Go's %v prints the references that plain impersonation makes of its headers. */
function asReferences(uid: string, groups: readonly string[], extra: UserInfo['extra'] & {}): string {
  const version = 'authentication.k8s.io/v1'
  const extras = Object.entries(extra).flatMap(([key, values]) =>
    values.map((value) => `{UserExtra  ${value}  ${version}  ${key}}`),
  )
  const uids = uid === '' ? [] : [`{UID  ${uid}  ${version}  }`]
  return [...groups.map((group) => `{Group  ${group}    }`), ...extras, ...uids].join(' ')
}

/** How Go's %#v prints a *user.DefaultInfo. */
function goSyntax({
  uid,
  groups,
  extra,
}: {
  uid: string
  groups: readonly string[]
  extra: UserInfo['extra'] & {}
}): string {
  const strings = (values: readonly string[]) => `[]string{${values.map(goQuote).join(', ')}}`
  const keys = Object.keys(extra).sort()
  const map = keys.map((key) => `${goQuote(key)}:${strings(extra[key] ?? [])}`).join(', ')
  const groupText = groups.length === 0 ? '[]string(nil)' : strings(groups)
  const extraText = keys.length === 0 ? 'map[string][]string(nil)' : `map[string][]string{${map}}`
  return `&user.DefaultInfo{Name:"", UID:${goQuote(uid)}, Groups:${groupText}, Extra:${extraText}}`
}
