import type { ObjectMeta } from '../../../machinery/meta/object.ts'
import { validateObjectMeta, validateObjectMetaUpdate } from '../../../machinery/validation/object-meta.ts'
import { ageColumn, column, nameColumn } from '../../columns.ts'
import { defineKind } from '../../define-kind.ts'
import { fieldErrors, goQuote, type FieldError } from '../../../machinery/field-error.ts'
import { jsonClone, type Draft } from '../../../machinery/json.ts'
import { dns1035Label, dns1123Subdomain } from '../../../machinery/validation/dns-names.ts'
import { pathSegment, portNumber } from '../../../machinery/validation/value-formats.ts'
import type { APIService, APIServiceCondition } from '../../types.generated.ts'

function availableCell({ status }: APIService): string {
  const available = status?.conditions?.find(({ type }) => type === 'Available')
  if (available === undefined || available.status === 'True') return available?.status ?? 'Unknown'
  return available.reason ? `${available.status} (${available.reason})` : available.status
}

const mayBe = ['False', 'True', 'Unknown']

/** A name that says what is served. */
function nameFaults(name: string, { spec }: APIService): string[] {
  const faults = pathSegment(name)
  const required = `${spec.version ?? ''}.${spec.group ?? ''}`
  if (faults.length > 0 || name === required) return faults
  return [`must be \`spec.version+"."+spec.group\`: ${goQuote(required)}`]
}

/** kube-aggregator pkg/apis/apiregistration/validation. */
function validateApiService({ spec }: APIService): FieldError[] {
  const { group = '', version = '', groupPriorityMinimum, versionPriority, caBundle, service } = spec
  const insecure = spec.insecureSkipTLSVerify === true
  const errors: FieldError[] = []
  const wrong = (field: string, value: unknown, detail: string) =>
    void errors.push(fieldErrors.invalid(`spec.${field}`, value, detail))
  if (group === '' && version !== 'v1')
    errors.push(fieldErrors.required('spec.group', 'only v1 may have an empty group and it better be legacy kube'))
  if (group !== '') for (const fault of dns1123Subdomain(group)) wrong('group', group, fault)
  for (const fault of dns1035Label(version)) wrong('version', version, fault)
  if (groupPriorityMinimum <= 0 || groupPriorityMinimum > 20_000)
    wrong('groupPriorityMinimum', groupPriorityMinimum, 'must be positive and less than 20000')
  if (versionPriority <= 0 || versionPriority > 1000)
    wrong('versionPriority', versionPriority, 'must be positive and less than 1000')
  if (service === undefined) {
    const bytes = Buffer.from(caBundle ?? '', 'base64').byteLength
    if (bytes > 0) wrong('caBundle', `${bytes} bytes`, 'local APIServices may not have a caBundle')
    if (insecure) wrong('insecureSkipTLSVerify', true, 'local APIServices may not have insecureSkipTLSVerify')
    return errors
  }
  if (!service.namespace) errors.push(fieldErrors.required('spec.service.namespace'))
  if (!service.name) errors.push(fieldErrors.required('spec.service.name'))
  const port = service.port ?? 0
  const faults = portNumber(port)
  if (faults.length > 0) wrong('service.port', port, `port is not valid: ${faults.join(', ')}`)
  if (insecure && caBundle) wrong('insecureSkipTLSVerify', true, 'may not be true if caBundle is present')
  return errors
}

function validateConditions(conditions: readonly APIServiceCondition[]): FieldError[] {
  return conditions.flatMap(({ status }, index) =>
    mayBe.includes(status) ? [] : [fieldErrors.notSupported(`status.conditions[${index}].status`, status, mayBe)],
  )
}

function keepMetadata(draft: Draft<APIService>, { metadata }: APIService): void {
  for (const field of ['labels', 'annotations', 'finalizers', 'ownerReferences'] as const) {
    if (metadata[field] === undefined) delete draft.metadata[field]
    else Object.assign(draft.metadata, { [field]: jsonClone(metadata[field]) })
  }
}

export const apiServices = defineKind<APIService>(
  { group: 'apiregistration.k8s.io', version: 'v1', kind: 'APIService' },
  {
    generation: false,
    setDefaults({ spec }) {
      if (spec?.service !== undefined) spec.service.port ??= 443
    },
    prepareForCreate(draft) {
      // One without a service is served here, and needs nobody to say so.
      if (draft.spec?.service !== undefined) return
      draft.status = {
        conditions: [
          {
            type: 'Available',
            status: 'True',
            reason: 'Local',
            message: 'Local APIServices are always available',
            lastTransitionTime: draft.metadata.creationTimestamp ?? undefined,
          },
        ],
      }
    },
    repeatsFaults: true,
    nameRule: (name, _, service) => nameFaults(name, service as APIService),
    validate: validateApiService,
    validateUpdate: (service, old) => [
      ...validateObjectMetaUpdate(service.metadata as ObjectMeta, old.metadata as ObjectMeta),
      ...validateObjectMeta(service.metadata as ObjectMeta, {
        namespaced: false,
        nameCheck: (name) => nameFaults(name, service),
      }),
      ...validateApiService(service),
    ],
    subresources: {
      status: {
        prepareForUpdate: keepMetadata,
        resetFields: [['spec'], ['metadata']],
        validateUpdate: ({ metadata, status }, old) => [
          ...validateObjectMetaUpdate(metadata as ObjectMeta, old.metadata as ObjectMeta),
          ...validateConditions(status?.conditions ?? []),
        ],
      },
    },
    columns: [
      nameColumn,
      column('Service', 'string', ({ spec }) =>
        spec?.service === undefined ? 'Local' : `${spec.service.namespace}/${spec.service.name}`,
      ),
      column('Available', 'string', availableCell),
      ageColumn,
    ],
  },
)
