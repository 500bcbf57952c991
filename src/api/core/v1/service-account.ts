import { ageColumn, nameColumn } from '../../columns.ts'
import { defineKind } from '../../define-kind.ts'
import type { Draft } from '../../../machinery/json.ts'
import type { ServiceAccount } from '../../types.generated.ts'

const enforceAnnotation = 'kubernetes.io/enforce-mountable-secrets'

/** Of a reference to a secret only the name means anything. */
function cleanSecrets(draft: Draft<ServiceAccount>): void {
  if (draft.secrets !== undefined) draft.secrets = draft.secrets.map(({ name }) => (name ? { name } : {}))
}

export const serviceAccounts = defineKind<ServiceAccount>(
  { group: '', version: 'v1', kind: 'ServiceAccount' },
  {
    allowUnconditionalUpdate: true,
    returnsDeletedObject: true,
    prepareForCreate: cleanSecrets,
    prepareForUpdate: cleanSecrets,
    warnings({ metadata }, old) {
      if (metadata.annotations?.[enforceAnnotation] === undefined) return []
      if (old?.metadata.annotations?.[enforceAnnotation] !== undefined) return []
      const advice = 'deprecated in v1.32+; prefer separate namespaces to isolate access to mounted secrets'
      return [`metadata.annotations[${enforceAnnotation}]: ${advice}`]
    },
    columns: [nameColumn, ageColumn],
  },
)
