import type { PodSpec } from '../../../../api/types.generated.ts'
import {
  badContainers,
  containersOf,
  containersText,
  isWindows,
  type PodCheck,
  quotedList,
  type SecurityCheck,
  sorted,
} from '../check.ts'

/** What containers hold anyway. */
const usual: readonly string[] = [
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
]

function beyond(spec: PodSpec, allowed: readonly string[]): string | undefined {
  const added = (context: { capabilities?: { add?: readonly string[] } } | undefined | null) =>
    (context?.capabilities?.add ?? []).filter((capability) => !allowed.includes(capability))
  const bad = badContainers(spec, ({ securityContext }) => added(securityContext).length > 0)
  if (bad.length === 0) return undefined
  const capabilities = sorted(containersOf(spec).flatMap(({ securityContext }) => added(securityContext)))
  return `${containersText(bad)} must not include ${quotedList(capabilities)} in securityContext.capabilities.add`
}

export const capabilitiesBaseline: SecurityCheck = {
  id: 'capabilities_baseline',
  level: 'baseline',
  revisions: [
    [
      0,
      (spec) => {
        const detail = beyond(spec, usual)
        return detail === undefined ? undefined : { reason: 'non-default capabilities', detail }
      },
    ],
  ],
}

const dropAll: PodCheck = (spec) => {
  const keeping = badContainers(
    spec,
    ({ securityContext }) => !(securityContext?.capabilities?.drop ?? []).includes('ALL'),
  )
  const added = beyond(spec, ['NET_BIND_SERVICE'])
  const details = [
    ...(keeping.length > 0 ? [`${containersText(keeping)} must set securityContext.capabilities.drop=["ALL"]`] : []),
    ...(added === undefined ? [] : [added]),
  ]
  return details.length === 0 ? undefined : { reason: 'unrestricted capabilities', detail: details.join('; ') }
}

export const capabilitiesRestricted: SecurityCheck = {
  id: 'capabilities_restricted',
  level: 'restricted',
  overrides: 'capabilities_baseline',
  revisions: [
    [22, dropAll],
    [25, (spec, metadata) => (isWindows(spec) ? undefined : dropAll(spec, metadata))],
  ],
}
