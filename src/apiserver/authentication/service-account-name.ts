import { dns1123Label, dns1123Subdomain } from '../../machinery/validation/dns-names.ts'

/** The names under which service accounts act (apiserver pkg/authentication/serviceaccount/util.go). */
export function serviceAccountUser(namespace: string, name: string): string {
  return `system:serviceaccount:${namespace}:${name}`
}

export function serviceAccountGroups(namespace: string): string[] {
  return ['system:serviceaccounts', `system:serviceaccounts:${namespace}`]
}

/** The account behind a user name, or undefined when it is none. */
export function parseServiceAccountUser(user: string): { namespace: string; name: string } | undefined {
  if (!user.startsWith('system:serviceaccount:')) return undefined
  const [namespace, name, ...rest] = user.slice('system:serviceaccount:'.length).split(':')
  if (namespace === undefined || name === undefined || rest.length > 0) return undefined
  if (dns1123Label(namespace).length > 0 || dns1123Subdomain(name).length > 0) return undefined
  return { namespace, name }
}
