import type { Pod } from '../../api/types.generated.ts'
import { badRequest } from '../../machinery/errors.ts'

/** The container that a request means; the only one when it names none (pkg/registry/core/pod validateContainer). */
export function chooseContainer(pod: Pod, asked: string): string {
  const { containers, initContainers = [], ephemeralContainers = [] } = pod.spec
  const names = [...initContainers, ...containers, ...ephemeralContainers].map((container) => container.name)
  const name = pod.metadata.name ?? ''
  if (asked !== '') {
    if (!names.includes(asked)) throw badRequest(`container ${asked} is not valid for pod ${name}`)
    return asked
  }
  if (containers.length === 1) return containers[0]!.name
  throw badRequest(
    `a container name must be specified for pod ${name}${containers.length === 0 ? '' : `, choose one of: [${names.join(' ')}]`}`,
  )
}
