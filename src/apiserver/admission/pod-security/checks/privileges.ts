import {
  badContainers,
  containersText,
  inUserNamespace,
  isWindows,
  type PodCheck,
  type SecurityCheck,
  settersText,
} from '../check.ts'

export const privileged: SecurityCheck = {
  id: 'privileged',
  level: 'baseline',
  revisions: [
    [
      0,
      (spec) => {
        const bad = badContainers(spec, ({ securityContext }) => securityContext?.privileged === true)
        if (bad.length === 0) return undefined
        return { reason: 'privileged', detail: `${containersText(bad)} must not set securityContext.privileged=true` }
      },
    ],
  ],
}

/** Through programs that run as their owner. */
const escalating: PodCheck = (spec) => {
  const bad = badContainers(spec, ({ securityContext }) => securityContext?.allowPrivilegeEscalation !== false)
  if (bad.length === 0) return undefined
  const detail = `${containersText(bad)} must set securityContext.allowPrivilegeEscalation=false`
  return { reason: 'allowPrivilegeEscalation != false', detail }
}

export const allowPrivilegeEscalation: SecurityCheck = {
  id: 'allowPrivilegeEscalation',
  level: 'restricted',
  revisions: [
    [8, escalating],
    [25, (spec, metadata) => (isWindows(spec) ? undefined : escalating(spec, metadata))],
  ],
}

const maybeRoot: PodCheck = (spec) => {
  const pod = spec.securityContext?.runAsNonRoot ?? undefined
  const refusing = badContainers(spec, ({ securityContext }) => securityContext?.runAsNonRoot === false)
  const reason = 'runAsNonRoot != true'
  if (pod === false || refusing.length > 0) {
    const detail = `${settersText(pod === false, refusing)} must not set securityContext.runAsNonRoot=false`
    return { reason, detail }
  }
  const silent = badContainers(spec, ({ securityContext }) => !pod && (securityContext?.runAsNonRoot ?? null) === null)
  if (silent.length === 0) return undefined
  return { reason, detail: `pod or ${containersText(silent)} must set securityContext.runAsNonRoot=true` }
}

export const runAsNonRoot: SecurityCheck = {
  id: 'runAsNonRoot',
  level: 'restricted',
  revisions: [
    [0, maybeRoot],
    [35, (spec, metadata) => (inUserNamespace(spec) ? undefined : maybeRoot(spec, metadata))],
  ],
}

const root: PodCheck = (spec) => {
  const pod = spec.securityContext?.runAsUser === 0
  const bad = badContainers(spec, ({ securityContext }) => securityContext?.runAsUser === 0)
  if (!pod && bad.length === 0) return undefined
  return { reason: 'runAsUser=0', detail: `${settersText(pod, bad)} must not set runAsUser=0` }
}

export const runAsUser: SecurityCheck = {
  id: 'runAsUser',
  level: 'restricted',
  revisions: [
    [23, root],
    [35, (spec, metadata) => (inUserNamespace(spec) ? undefined : root(spec, metadata))],
  ],
}
