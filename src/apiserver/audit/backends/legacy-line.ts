import { goQuote } from '../../../machinery/field-error.ts'
import type { AuditEvent } from '../event.ts'

/** An event as --audit-log-format=legacy writes it, with its end (apiserver pkg/audit/format.go EventString). */
export function legacyLine(event: AuditEvent): string {
  const { user, impersonatedUser: as } = event
  const name = user.username ?? ''
  const list = (texts: readonly string[]) => texts.map(goQuote).join(',')
  const fields: readonly (readonly [string, string])[] = [
    ['id', event.auditID],
    ['stage', event.stage],
    ['ip', event.sourceIPs?.[0] ?? '<unknown>'],
    ['method', event.verb],
    ['user', name || '<none>'],
    ['groups', name && user.groups?.length ? list(user.groups) : '<none>'],
    ['as', as === undefined ? '<self>' : (as.username ?? '')],
    ['asgroups', as?.groups === undefined ? '<lookup>' : list(as.groups)],
    ['user-agent', event.userAgent ?? ''],
    ['namespace', event.objectRef?.namespace || '<none>'],
    ['uri', event.requestURI],
  ]
  // RFC3339Nano leaves out the zeros at the end.
  const time = event.requestReceivedTimestamp.replace(/\.?0+Z$/, 'Z')
  const response = event.responseStatus?.code ?? '<deferred>'
  return `${time} AUDIT: ${fields.map(([key, text]) => `${key}=${goQuote(text)}`).join(' ')} response="${response}"\n`
}
