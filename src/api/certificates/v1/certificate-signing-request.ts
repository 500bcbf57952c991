import { ageColumn, column, nameColumn } from '../../columns.ts'
import { defineKind } from '../../define-kind.ts'
import { formatTime } from '../../../machinery/clock.ts'
import { humanDuration } from '../../../machinery/human-duration.ts'
import type { Draft } from '../../../machinery/json.ts'
import { setOrDelete } from '../../object-metadata.ts'
import type { CertificateSigningRequest } from '../../types.generated.ts'
import { validateRequest, validateRequestUpdate } from './certificate-signing-request/validation.ts'

function conditionCell({ status }: CertificateSigningRequest): string {
  const has = (wanted: string) => status?.conditions?.some(({ type }) => type === wanted)
  let text = has('Denied') ? 'Denied' : has('Approved') ? 'Approved' : 'Pending'
  if (has('Failed')) text += ',Failed'
  return status?.certificate ? `${text},Issued` : text
}

/** Approvals and denials stay as they were given. */
function keepDecisions(draft: Draft<CertificateSigningRequest>, old: CertificateSigningRequest): void {
  for (const type of ['Approved', 'Denied']) {
    const before = (old.status?.conditions ?? []).filter((condition) => condition.type === type)
    const conditions = draft.status?.conditions ?? []
    const places = conditions.flatMap((condition, index) => (condition.type === type ? [index] : []))
    if (places.length !== before.length) continue
    for (const [index, place] of places.entries()) conditions[place] = { ...before[index]! }
  }
}

function fillTimes(draft: Draft<CertificateSigningRequest>, old: CertificateSigningRequest, now: number): void {
  for (const condition of draft.status?.conditions ?? []) {
    condition.lastUpdateTime ||= formatTime(now)
    if (condition.lastTransitionTime) continue
    const before = old.status?.conditions?.find(
      ({ type, status, lastTransitionTime }) =>
        type === condition.type && status === condition.status && lastTransitionTime,
    )
    condition.lastTransitionTime = before?.lastTransitionTime ?? formatTime(now)
  }
}

export const certificateSigningRequests = defineKind<CertificateSigningRequest>(
  { group: 'certificates.k8s.io', version: 'v1', kind: 'CertificateSigningRequest' },
  {
    generation: false,
    nameRule: 'pathSegment',
    validate: validateRequest,
    validateUpdate: (request, old) => validateRequestUpdate(request, old),
    allowUnconditionalUpdate: true,
    resetFields: [['spec'], ['status']],
    hidesNamespaceField: true,
    selectableFieldNames: ['spec.signerName'],
    selectableFields: ({ spec }) => ({ 'spec.signerName': spec?.signerName ?? '' }),
    prepareForCreate(draft, { requestUser: { name, uid, groups, extra } }) {
      // Who asks is what the server knows, not what the client says.
      setOrDelete(draft.spec!, 'username', name || undefined)
      setOrDelete(draft.spec!, 'uid', uid || undefined)
      setOrDelete(draft.spec!, 'groups', groups.length > 0 ? [...groups] : undefined)
      setOrDelete(draft.spec!, 'extra', extra && Object.keys(extra).length > 0 ? structuredClone(extra) : undefined)
    },
    prepareForUpdate(draft, old) {
      draft.spec = old.spec as typeof draft.spec
    },
    columns: [
      nameColumn,
      ageColumn,
      column('SignerName', 'string', ({ spec }) => spec?.signerName || '<none>'),
      column('Requestor', 'string', ({ spec }) => spec?.username ?? ''),
      column('RequestedDuration', 'string', ({ spec }) =>
        spec?.expirationSeconds === undefined ? '<none>' : humanDuration(spec.expirationSeconds * 1000),
      ),
      column('Condition', 'string', conditionCell),
    ],
    subresources: {
      status: {
        prepareForUpdate(draft, old, { now }) {
          keepDecisions(draft, old)
          fillTimes(draft, old, now)
        },
        validateUpdate: (request, old) => validateRequestUpdate(request, old, { mayIssue: true }),
        resetFields: [['spec'], ['status', 'conditions']],
      },
      approval: {
        prepareForUpdate(draft, old, { now }) {
          fillTimes(draft, old, now)
          const conditions = draft.status?.conditions
          draft.spec = old.spec as typeof draft.spec
          draft.status = { ...(old.status as typeof draft.status) }
          setOrDelete(draft.status!, 'conditions', conditions)
        },
        validateUpdate: (request, old) => validateRequestUpdate(request, old, { mayDecide: true }),
        resetFields: [['spec'], ['status', 'certificate']],
      },
    },
  },
)
