import type { Binding, Pod } from '../../../api/types.generated.ts'
import type { Clock } from '../../../machinery/clock.ts'
import { ApiError, aggregate, badRequest, conflict, notFound } from '../../../machinery/errors.ts'
import { errorText, fieldErrors, goQuote } from '../../../machinery/field-error.ts'
import { jsonClone, type Draft } from '../../../machinery/json.ts'
import type { KubeObject } from '../../../machinery/meta/object.ts'
import type { Answer } from '../../answer.ts'
import { beginSubresourceCreate } from '../../handlers/create-subresource.ts'
import type { SubresourceHandler } from '../../handlers/subresource.ts'
import type { Registry } from '../registry.ts'
import { StorageError } from '../storage-error.ts'
import { setPodCondition } from './pod-condition.ts'

const pods = { group: '', resource: 'pods' }

/** `pods/binding`: assigns a pod to a node (pkg/registry/core/pod/storage, BindingREST). */
export function bindingHandler(clock: Clock): SubresourceHandler {
  return {
    async create(context, resource, services): Promise<Answer> {
      const { write, draft, validate } = await beginSubresourceCreate(context, resource, services, {
        keepsSystemMetadata: true,
      })
      const binding = draft as KubeObject as Binding
      if (binding.metadata?.name !== context.info.name) {
        throw badRequest('name in URL does not match name in Binding object')
      }
      checkBinding(binding)
      await validate()
      await bindPod(resource.registry, binding, context.info.namespace, write.dryRun, clock)
      return created()
    },
  }
}

export function created(): Answer {
  const object = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 }
  return { type: 'object', code: 201, object }
}

/** pkg/apis/core/validation ValidatePodBinding; upstream answers it without a code of its own. */
export function checkBinding({ target }: Binding): void {
  const errors = []
  const kind = target.kind ?? ''
  if (kind !== '' && kind !== 'Node') {
    errors.push(fieldErrors.notSupported('target.kind', kind, ['Node', '<empty>']))
  }
  if (!target.name) errors.push(fieldErrors.required('target.name'))
  if (errors.length > 0) throw new ApiError({ code: 500, message: aggregate(errors.map(errorText)) })
}

export async function bindPod(
  registry: Registry,
  binding: Binding,
  namespace: string,
  dryRun: boolean,
  clock: Clock,
): Promise<void> {
  const { name = '', uid, resourceVersion, annotations, labels } = binding.metadata ?? {}
  const preconditions =
    uid || resourceVersion ? { uid: uid || undefined, resourceVersion: resourceVersion || undefined } : undefined
  const refuse = (why: string) => conflict({ group: '', resource: 'pods/binding' }, name, why)
  try {
    await registry.storage.guaranteedUpdate(registry.key(namespace, name), { dryRun, preconditions }, (current) => {
      if (current === undefined) throw notFound(pods, name)
      const pod = jsonClone(current.object) as Draft<Pod>
      if (pod.metadata!.deletionTimestamp) throw refuse(`pod ${name} is being deleted, cannot be assigned to a host`)
      if (pod.spec!.nodeName) throw refuse(`pod ${name} is already assigned to node ${goQuote(pod.spec!.nodeName)}`)
      if (pod.spec!.schedulingGates?.length) throw refuse(`pod ${name} has non-empty .spec.schedulingGates`)
      pod.spec!.nodeName = binding.target.name
      if (pod.status && registry.enabled('ClearingNominatedNodeNameAfterBinding')) delete pod.status.nominatedNodeName
      if (annotations) pod.metadata!.annotations = { ...pod.metadata!.annotations, ...annotations }
      if (labels && registry.enabled('PodTopologyLabelsAdmission'))
        pod.metadata!.labels = { ...pod.metadata!.labels, ...labels }
      setPodCondition(pod, { type: 'PodScheduled', status: 'True' }, clock.now())
      return { object: registry.canonical(pod as Draft<KubeObject>) }
    })
  } catch (error) {
    if (error instanceof StorageError) throw conflict(pods, name, error.message)
    throw error
  }
}
