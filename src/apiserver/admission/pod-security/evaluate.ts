import type { PodSpec } from '../../../api/types.generated.ts'
import type { ObjectMeta } from '../../../machinery/meta/object.ts'
import type { PodCheck, SecurityCheck, Violation } from './check.ts'
import { appArmorProfile } from './checks/app-armor.ts'
import { capabilitiesBaseline, capabilitiesRestricted } from './checks/capabilities.ts'
import { hostNamespaces, hostPorts, hostProbes, windowsHostProcess } from './checks/host.ts'
import { procMount, procMountRestricted, seLinuxOptions, sysctls } from './checks/kernel.ts'
import { allowPrivilegeEscalation, privileged, runAsNonRoot, runAsUser } from './checks/privileges.ts'
import { seccompBaseline, seccompRestricted } from './checks/seccomp.ts'
import { hostPathVolumes, restrictedVolumes } from './checks/volumes.ts'
import type { LevelVersion } from './policy.ts'

/** Baseline's first, each level's in the order of their ids: texts name them so. */
const checks: readonly SecurityCheck[] = [
  appArmorProfile,
  capabilitiesBaseline,
  hostNamespaces,
  hostPathVolumes,
  hostPorts,
  hostProbes,
  privileged,
  procMount,
  seLinuxOptions,
  seccompBaseline,
  sysctls,
  windowsHostProcess,
  allowPrivilegeEscalation,
  capabilitiesRestricted,
  procMountRestricted,
  restrictedVolumes,
  runAsNonRoot,
  runAsUser,
  seccompRestricted,
]

/** From this minor on nothing changed. */
const newest = Math.max(...checks.flatMap(({ revisions }) => revisions.map(([minor]) => minor)))
const known = new Map<string, readonly PodCheck[]>()

function checksOf({ level, minor }: LevelVersion): readonly PodCheck[] {
  if (level === 'privileged') return []
  const version = Math.min(minor, newest)
  const key = `${level}:${version}`
  let found = known.get(key)
  if (found === undefined) known.set(key, (found = selectChecks(level, version)))
  return found
}

function selectChecks(level: 'baseline' | 'restricted', minor: number): PodCheck[] {
  const valid = checks.filter(
    (check) => (level === 'restricted' || check.level === 'baseline') && check.revisions[0]![0] <= minor,
  )
  const overridden = new Set(valid.map(({ overrides }) => overrides))
  return valid
    .filter(({ id }) => !overridden.has(id))
    .map(({ revisions }) => revisions.findLast(([since]) => since <= minor)![1])
}

/** What of a pod a level forbids (pod-security-admission policy/registry.go EvaluatePod); nothing: it is allowed. */
export function violations(policy: LevelVersion, metadata: ObjectMeta, spec: PodSpec): Violation[] {
  return checksOf(policy).flatMap((check) => check(spec, metadata) ?? [])
}

/** `host namespaces (hostPID=true), privileged (container "a" must not …)`. */
export function detailText(found: readonly Violation[]): string {
  return found.map(({ reason, detail }) => (detail === '' ? reason : `${reason} (${detail})`)).join(', ')
}

/** `host namespaces, privileged`. */
export function reasonText(found: readonly Violation[]): string {
  return found.map(({ reason }) => reason).join(', ')
}
