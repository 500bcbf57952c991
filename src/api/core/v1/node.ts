import { ageColumn, column, nameColumn } from '../../columns.ts'
import { defineKind } from '../../define-kind.ts'
import { cidrWarnings } from '../../../machinery/validation/ip-fields.ts'
import { memberAsSaid } from '../../../machinery/emptied.ts'
import type { Draft } from '../../../machinery/json.ts'
import type { Node, NodeSpec, NodeStatus } from '../../types.generated.ts'
import { validateNode, validateNodeUpdate } from './node/validation.ts'

function statusCell({ spec, status }: Node): string {
  const ready = status?.conditions?.findLast(({ type }) => type === 'Ready')
  const first = ready === undefined ? 'Unknown' : ready.status === 'True' ? 'Ready' : 'NotReady'
  return spec?.unschedulable ? `${first},SchedulingDisabled` : first
}

const rolePrefix = 'node-role.kubernetes.io/'

/** The roles that labels give a node. */
export function nodeRoles({ metadata }: Node): string[] {
  const roles = new Set<string>()
  for (const [key, value] of Object.entries(metadata.labels ?? {})) {
    if (key.startsWith(rolePrefix) && key !== rolePrefix) roles.add(key.slice(rolePrefix.length))
    else if (key === 'kubernetes.io/role' && value !== '') roles.add(value)
  }
  return [...roles].sort()
}

/** The one of old has the say, and is then the first of all (pkg/apis/core/v1/conversion.go). */
function agreeOnCidrs(spec: Draft<NodeSpec>): void {
  const [first] = spec.podCIDRs ?? []
  if (spec.podCIDR && spec.podCIDR !== first) spec.podCIDRs = [spec.podCIDR]
  if (spec.podCIDRs?.length) spec.podCIDR = spec.podCIDRs[0]
  else delete spec.podCIDR
}

/** Answers whether it did. What was said to be empty stays so until it is stored. */
function allocateCapacity(status: Draft<NodeStatus>): boolean {
  if (status.capacity === undefined || memberAsSaid(status, 'allocatable') !== undefined) return false
  status.allocatable = { ...status.capacity }
  return true
}

const address = (wanted: string) => (node: Node) =>
  node.status?.addresses?.find(({ type }) => type === wanted)?.address ?? '<none>'

function kernelCell({ status }: Node): string {
  const { kernelVersion, architecture } = status?.nodeInfo ?? {}
  return `${kernelVersion || '<unknown>'}${architecture ? ` (${architecture})` : ''}`
}

export const nodes = defineKind<Node>(
  { group: '', version: 'v1', kind: 'Node' },
  {
    generation: false,
    statusOnCreate: true,
    allowUnconditionalUpdate: true,
    hidesNamespaceField: true,
    selectableFieldNames: ['spec.unschedulable'],
    selectableFields: ({ spec }) => ({ 'spec.unschedulable': String(spec?.unschedulable ?? false) }),
    setDefaults({ spec, status }) {
      if (spec !== undefined) agreeOnCidrs(spec)
      if (status !== undefined) allocateCapacity(status)
    },
    setDefaultsOnRead: ({ status }) => status !== undefined && allocateCapacity(status),
    prepareForCreate(draft) {
      delete draft.spec?.configSource
      delete draft.status?.config
    },
    prepareForUpdate(draft, old) {
      if (old.spec?.configSource === undefined) delete draft.spec?.configSource
    },
    validate: validateNode,
    validateUpdate: (node, old) => [...validateNode(node), ...validateNodeUpdate(node, old)],
    warnings({ spec }) {
      const warnings: string[] = []
      if (spec?.configSource !== undefined) warnings.push('spec.configSource: the feature is removed')
      if (spec?.externalID) warnings.push('spec.externalID: this field is deprecated, and is unused by Kubernetes')
      for (const [index, cidr] of (spec?.podCIDRs ?? []).entries()) {
        warnings.push(...cidrWarnings(`spec.podCIDRs[${index}]`, cidr))
      }
      return warnings
    },
    columns: [
      nameColumn,
      column('Status', 'string', statusCell),
      column('Roles', 'string', (node) => nodeRoles(node).join(',') || '<none>'),
      ageColumn,
      column('Version', 'string', ({ status }) => status?.nodeInfo?.kubeletVersion ?? ''),
      column('Internal-IP', 'string', address('InternalIP'), { wide: true }),
      column('External-IP', 'string', address('ExternalIP'), { wide: true }),
      column('OS-Image', 'string', ({ status }) => status?.nodeInfo?.osImage || '<unknown>', { wide: true }),
      column('Kernel-Version', 'string', kernelCell, { wide: true }),
      column('Container-Runtime', 'string', ({ status }) => status?.nodeInfo?.containerRuntimeVersion || '<unknown>', {
        wide: true,
      }),
    ],
    subresources: {
      status: {
        prepareForUpdate(draft, old) {
          if (old.status?.config === undefined) delete draft.status?.config
        },
        validateUpdate: validateNodeUpdate,
      },
    },
  },
)
