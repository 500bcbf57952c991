import type { Container, Pod } from '../../api/types.generated.ts'
import { initContainers } from '../pods/containers.ts'
import { newestContainer, type PodRuntime } from './pod-runtime.ts'

/** When a container is started again. Follows pkg/api/v1/pod/util.go and KEP-5307 (container restart rules). */

/** The action of the first rule that the exit code meets. */
export function restartAction(container: Container, exitCode: number): string | undefined {
  return container.restartPolicyRules?.find(({ exitCodes }) => {
    const listed = exitCodes?.values?.includes(exitCode) ?? false
    if (exitCodes?.operator === 'In') return listed
    return exitCodes?.operator === 'NotIn' && !listed
  })?.action
}

/** Whether a container that ended with this code is to run again. */
export function restartsAfter(pod: Pod, container: Container, exitCode: number): boolean {
  if (container.restartPolicy !== undefined) {
    const action = restartAction(container, exitCode)
    if (action === 'Restart' || action === 'RestartAllContainers') return true
  }
  switch (container.restartPolicy ?? pod.spec.restartPolicy) {
    case 'Never':
      return false
    case 'OnFailure':
      return exitCode !== 0
    default:
      return true
  }
}

/** Whether a failing probe or hook leads to a new start rather than to an end. */
export function restartsWhenKilled(pod: Pod, container: Container): boolean {
  return (container.restartPolicy ?? pod.spec.restartPolicy) !== 'Never'
}

/** Whether the container has to be started now, by what the runtime has of it. */
export function shouldStart(pod: Pod, container: Container, runtime: PodRuntime): boolean {
  if (pod.metadata.deletionTimestamp != null) return false
  const newest = newestContainer(runtime, container.name)
  if (newest === undefined) return true
  if (newest.state === 'running') return false
  return newest.state !== 'exited' || restartsAfter(pod, container, newest.exitCode)
}

/** Whether some rule of the pod may restart all its containers. */
export function mayRestartAll(pod: Pod): boolean {
  return [...initContainers(pod), ...pod.spec.containers].some((container) =>
    container.restartPolicyRules?.some(({ action }) => action === 'RestartAllContainers'),
  )
}

/** Whether all containers are being restarted: the condition says so, or a container ended that asks for it. */
export function restartingAll(pod: Pod, runtime: PodRuntime, status: Pod['status'] | undefined): boolean {
  if (!mayRestartAll(pod)) return false
  if (status?.conditions?.some(({ type, status: is }) => type === 'AllContainersRestarting' && is === 'True'))
    return true
  const reported = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])]
  return [...initContainers(pod), ...pod.spec.containers].some((container) => {
    const newest = newestContainer(runtime, container.name)
    if (newest === undefined || newest.state !== 'exited') return false
    if (restartAction(container, newest.exitCode) === 'RestartAllContainers') return true
    const exitCode = reported.find(({ name }) => name === container.name)?.state?.terminated?.exitCode
    return exitCode !== undefined && restartAction(container, exitCode) === 'RestartAllContainers'
  })
}

/** Nothing of the old containers is left in the runtime. */
export function allContainersGone(pod: Pod, runtime: PodRuntime): boolean {
  return [...initContainers(pod), ...pod.spec.containers].every(({ name }) => !newestContainer(runtime, name))
}

/** Whether nothing of the pod can ever run again after an end with code 0 or the like. */
export function anyRestartable(pod: Pod): boolean {
  return pod.spec.containers.some((container) => {
    const rules = container.restartPolicyRules ?? []
    return rules.some(({ action }) => action.startsWith('Restart')) || restartsWhenKilled(pod, container)
  })
}
